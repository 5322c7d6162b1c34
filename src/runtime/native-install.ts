/**
 * Installs the native engine: builds the binding of `@tensorflow/tfjs-node-gpu` from its own sources against TensorFlow's C library. Its stock installer
 * downloads an old TensorFlow; the binding only uses the C API, so any works. Everything is made and tried in a copy of the package; only what works is
 * moved in, so that a failure leaves what was there before.
 */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { messageOf, SigdegError } from '../core/errors';
import { dropQuietly, remove, rename } from '../system/files';
import { checkBuildTools } from './build-tools';
import { bindingFile, keptBinding, nativePackageDir, writeRecord } from './native-package';
import type { ProbeResult } from './probe';
import { checkStop, runProgram } from './run-program';
import { stagingFolder } from './staging';
import { tensorflowFolder, tensorflowVersion, type TensorflowChoice } from './tensorflow-folder';

export interface NativeInstallOptions extends TensorflowChoice {
  /** Tries the engine of a package folder in a fresh process. Rejects when it does not compute. */
  readonly verify: (packageDir: string) => Promise<ProbeResult>;
}

export interface NativeInstallation {
  readonly binding: string;
  /** The TensorFlow that it loads. */
  readonly tensorflow: string;
  readonly version: string;
  readonly detail: string;
  /** Whether it was compiled now; otherwise an earlier build was put back. */
  readonly built: boolean;
}

/** @throws SigdegError NATIVE_INSTALL with what is missing or failed; nothing has changed then */
export async function installNative(options: NativeInstallOptions): Promise<NativeInstallation> {
  const { onLog, stop, verify } = options;
  if (process.platform !== 'linux') throw new SigdegError('NATIVE_INSTALL', `building the native engine is supported on Linux, this is ${process.platform}: the wasm engine works everywhere`);
  const packageDir = nativePackageDir();
  // A tool that is missing should show before hundreds of megabytes have been downloaded; a binding that was kept needs none.
  const [tools] = await Promise.allSettled([checkBuildTools()]);
  const anyKept = fs.existsSync(path.dirname(keptBinding(packageDir, '')));
  if (tools.status === 'rejected' && !anyKept) throw tools.reason;
  if (options.cuda) onLog('an NVIDIA GPU is here: building for it');
  const tensorflow = await tensorflowFolder(options);
  const version = tensorflowVersion(tensorflow);
  const kept = version === null ? undefined : keptBinding(packageDir, version);

  const staged = stage(packageDir, tensorflow);
  const tryStaged = (): Promise<ProbeResult> => {
    writeRecord(staged, { tensorflow, version });
    return verify(staged);
  };
  try {
    const fromKept = kept === undefined ? undefined : await reuse(kept, staged, tryStaged, onLog);
    if (fromKept === undefined) {
      if (tools.status === 'rejected') throw tools.reason;
      await build(staged, tools.value.nodeDir, onLog, stop);
    }
    const { version: engineVersion, detail } = fromKept ?? (await verified(tryStaged));
    if (fromKept === undefined && kept !== undefined) keep(bindingFile(staged), kept, onLog);
    checkStop(stop);
    moveIn(staged, packageDir);
    return { binding: bindingFile(packageDir), tensorflow, version: engineVersion, detail, built: fromKept === undefined };
  } finally {
    dropQuietly(staged);
  }
}

/** A copy of the package beside it, where its dependencies are found and a rename moves files over, with links to TensorFlow. */
function stage(packageDir: string, tensorflow: string): string {
  let staged: string;
  try {
    staged = stagingFolder(path.join(path.dirname(packageDir), '.sigdeg-native'));
  } catch (error) {
    throw new SigdegError('NATIVE_INSTALL', `${path.dirname(packageDir)} cannot be written (${messageOf(error)}): install sigdeg where you may write`, { cause: error });
  }
  for (const name of fs.readdirSync(packageDir)) {
    if (!/^(deps|lib|build.*)$/.test(name)) fs.cpSync(path.join(packageDir, name), path.join(staged, name), { recursive: true });
  }
  const deps = path.join(staged, 'deps');
  fs.mkdirSync(path.join(deps, 'lib'), { recursive: true });
  fs.mkdirSync(path.dirname(bindingFile(staged)), { recursive: true });
  const link = (target: string, ...names: string[]): void => {
    for (const name of names) fs.symlinkSync(path.join(tensorflow, target), path.join(deps, ...name.split('/')));
  };
  link('include', 'include');
  link('libtensorflow_cc.so.2', 'lib/libtensorflow_cc.so.2', 'lib/libtensorflow.so');
  link('libtensorflow_framework.so.2', 'lib/libtensorflow_framework.so.2', 'lib/libtensorflow_framework.so');
  return staged;
}

/** Takes a binding that was built before, if it still works. */
async function reuse(kept: string, staged: string, tryStaged: () => Promise<ProbeResult>, onLog: (line: string) => void): Promise<ProbeResult | undefined> {
  if (!fs.existsSync(kept)) return undefined;
  fs.copyFileSync(kept, bindingFile(staged));
  try {
    const result = await tryStaged();
    onLog('put back the binding that was built before');
    return result;
  } catch {
    remove(bindingFile(staged));
    return undefined;
  }
}

async function build(staged: string, nodeDir: string, onLog: (line: string) => void, stop: AbortSignal | undefined): Promise<void> {
  onLog('building the binding (about 20 s)');
  const gyp = createRequire(path.join(staged, 'package.json')).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
  try {
    await runProgram(process.execPath, [gyp, 'install', '--build-from-source'], { cwd: staged, stop, env: { ...process.env, npm_config_nodedir: nodeDir } });
  } catch (error) {
    if (error instanceof SigdegError) throw error;
    throw new SigdegError('NATIVE_INSTALL', `the binding does not build: ${compilerError(error)}; nothing was changed: try another TensorFlow (--from DIR, or --download)`, { cause: error });
  }
  if (!fs.existsSync(bindingFile(staged))) throw new SigdegError('NATIVE_INSTALL', `the build ended without ${path.basename(bindingFile(staged))}; nothing was changed`);
}

/** The first error of a compiler's or linker's output. */
function compilerError(error: unknown): string {
  const lines = ((error as { stderr?: string }).stderr ?? messageOf(error)).split('\n');
  const line = lines.find((text) => /error:|undefined reference|cannot find|file (format )?not recognized/i.test(text)) ?? lines.find((text) => text.includes('ERR!')) ?? messageOf(error).split('\n')[0] ?? '';
  return line.trim();
}

async function verified(tryStaged: () => Promise<ProbeResult>): Promise<ProbeResult> {
  try {
    return await tryStaged();
  } catch (error) {
    throw new SigdegError('NATIVE_INSTALL', `the binding was built but does not work: ${messageOf(error)}; nothing was changed`, { cause: error });
  }
}

/** Keeps a binding outside node_modules; where that fails the next installation compiles again. */
function keep(binding: string, kept: string, onLog: (line: string) => void): void {
  const temporary = `${kept}.${process.pid}.tmp`;
  try {
    fs.mkdirSync(path.dirname(kept), { recursive: true });
    fs.copyFileSync(binding, temporary);
    rename(temporary, kept);
  } catch (error) {
    dropQuietly(temporary);
    onLog(`the binding is not kept for later: ${messageOf(error)}`);
  }
}

/** Two pairs of renames; when one fails the earlier ones are undone. */
function moveIn(staged: string, packageDir: string): void {
  const undo: (() => void)[] = [];
  try {
    for (const name of ['deps', 'lib']) {
      const [from, to, old] = [path.join(staged, name), path.join(packageDir, name), path.join(staged, `${name}.before`)];
      if (fs.existsSync(to)) {
        rename(to, old);
        undo.unshift(() => { rename(old, to); });
      }
      rename(from, to);
      undo.unshift(() => { rename(to, from); });
    }
  } catch (error) {
    for (const step of undo) step();
    throw new SigdegError('NATIVE_INSTALL', `the new binding cannot be moved to ${packageDir}: ${messageOf(error)}; nothing was changed`, { cause: error });
  }
}
