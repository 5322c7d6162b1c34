import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as util from 'node:util';
import { messageOf, SigdegError } from '../core/errors';
import { registerFusedKernels } from './fused';
import { ENGINE_NAMES, type EngineChoice, type EngineName } from './engine-names';
import { nativePackageDir, whyNotNative } from './native-package';
import * as tf from './tf';
import { registerWasmKernels } from './wasm-kernels';

export interface Engine {
  readonly name: EngineName;
  /** Why this one, for the log. */
  readonly why: string;
  readonly version: string;
}

/**
 * Makes an engine the one that computes in this process.
 * @param packageDir another copy of the native engine's package than the installed one, to try it
 * @throws SigdegError NO_ENGINE when the one that was asked for does not load; with `auto` only when none does
 */
export async function startEngine(choice: EngineChoice, packageDir?: string): Promise<Engine> {
  if (choice !== 'auto') return start(choice, 'asked for', packageDir);
  const refused: string[] = [];
  for (const name of ENGINE_NAMES) {
    try {
      return await start(name, refused.length === 0 ? 'the fastest there is' : refused.join('; '));
    } catch (error) {
      refused.push(`no ${name}: ${messageOf(error)}`);
    }
  }
  throw new SigdegError('NO_ENGINE', `no engine works here: ${refused.join('; ')}`);
}

async function start(name: EngineName, why: string, packageDir?: string): Promise<Engine> {
  // Otherwise tfjs prints an advertisement for its native package.
  tf.enableProdMode();
  if (name === 'tensorflow') {
    const version = loadNative(packageDir);
    await select('tensorflow', 'tensorflow');
    return { name, why, version };
  }
  if (name === 'wasm') {
    setWasmPaths(`${path.dirname(createRequire(__filename).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'))}${path.sep}`);
    registerWasmKernels();
  }
  await select(name, name);
  if (name === 'wasm') registerFusedKernels();
  return { name, why, version: tf.version_core };
}

async function select(backend: string, name: EngineName): Promise<void> {
  let ok = false;
  try {
    ok = await tf.setBackend(backend);
    await tf.ready();
  } catch (error) {
    throw new SigdegError('NO_ENGINE', `the engine ${name} does not start: ${messageOf(error)}`, { cause: error });
  }
  const two = ok ? tf.tidy(() => tf.add(tf.scalar(1), 1).dataSync()[0]) : undefined;
  if (two !== 2) throw new SigdegError('NO_ENGINE', `the engine ${name} does not compute: use --engine auto`);
}

/** Loads TensorFlow's binding. @throws SigdegError NO_ENGINE with the way to install it */
function loadNative(packageDir = nativePackageDir()): string {
  // Node hands this on to the C library, and TensorFlow reads it when it is loaded. Two lines that it logs before that cannot be silenced.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // Node 23 removed two functions that the package's 4.22.0 still calls.
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  legacy['isArray'] ??= (value: unknown): boolean => Array.isArray(value);
  const { warn, log } = console;
  try {
    // Its banners would stand among our output.
    console.warn = console.log = () => undefined;
    const native = createRequire(__filename)(packageDir) as { node?: unknown; version?: { 'tfjs-node'?: string } };
    if (native.node === undefined) throw new Error('the package has no binding');
    return native.version?.['tfjs-node'] ?? 'unknown';
  } catch (error) {
    throw new SigdegError('NO_ENGINE', whyNotNative(packageDir, messageOf(error).split('\n')[0] ?? ''), { cause: error });
  } finally {
    Object.assign(console, { warn, log });
  }
}
