/** Where the native engine's parts lie: the npm package with its binding, what is known of the binding, and the copies kept outside node_modules. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import { z } from 'zod';
import { SigdegError } from '../core/errors';

const PACKAGE = '@tensorflow/tfjs-node-gpu';
/** The newest N-API version that the package's build knows. */
const NAPI = 'napi-v8';

/** @throws SigdegError NO_ENGINE when the npm package itself is not there */
export function nativePackageDir(): string {
  try {
    return path.dirname(createRequire(__filename).resolve(`${PACKAGE}/package.json`));
  } catch (error) {
    throw new SigdegError('NO_ENGINE', `the npm package ${PACKAGE} is not installed: run npm ci`, { cause: error });
  }
}

export const bindingFile = (packageDir: string): string => path.join(packageDir, 'lib', NAPI, 'tfjs_binding.node');
const recordFile = (packageDir: string): string => path.join(packageDir, 'lib', NAPI, 'sigdeg-binding.json');

const RecordSchema = z.object({
  /** Folder of the TensorFlow that the binding loads. */
  tensorflow: z.string(),
  /** Its version; null where its folder does not tell. */
  version: z.string().nullable(),
});

/** What `sigdeg runtime install` notes beside a binding. */
export type BindingRecord = z.infer<typeof RecordSchema>;

export function readRecord(packageDir: string): BindingRecord | undefined {
  try {
    return RecordSchema.safeParse(JSON.parse(fs.readFileSync(recordFile(packageDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

export function writeRecord(packageDir: string, record: BindingRecord): void {
  fs.writeFileSync(recordFile(packageDir), `${JSON.stringify(record, null, 2)}\n`);
}

/** Outside node_modules, so that a fresh `npm ci` does not lose what is kept here. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: set = '' } = process.env;
  // The XDG specification: one that is empty or relative counts as none.
  return path.join(path.isAbsolute(set) ? set : path.join(os.homedir(), '.cache'), 'sigdeg');
}

const bindingsFolder = (): string => path.join(cacheFolder(), 'bindings');

/** Where a built binding is kept: it fits one version of the package, of N-API, of TensorFlow, and one machine type. */
export function keptBinding(packageDir: string, tensorflowVersion: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageDir, 'package.json'), 'utf8')) as { version: string };
  return path.join(bindingsFolder(), `tfjs-${version}-${NAPI}-tensorflow-${tensorflowVersion}-${process.platform}-${process.arch}.node`);
}

/** One line on why the native engine does not load, with what to do about it. */
export function whyNotNative(packageDir: string, reason: string): string {
  if (!fs.existsSync(bindingFile(packageDir))) {
    const kept = fs.existsSync(bindingsFolder()) && fs.readdirSync(bindingsFolder()).length > 0;
    return `the native engine is not installed: «sigdeg runtime install» ${kept ? 'puts the one that was built before back in seconds (npm ci removes it)' : 'builds it'}`;
  }
  const record = readRecord(packageDir);
  if (record !== undefined && !fs.existsSync(record.tensorflow)) return `the TensorFlow of the native engine, ${record.tensorflow}, is gone: «sigdeg runtime install» sets it up with another`;
  return `the native engine does not load (${reason}): «sigdeg runtime install» builds it anew`;
}
