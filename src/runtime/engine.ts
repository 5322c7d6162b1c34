import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as util from 'node:util';
import { messageOf, SigdegError } from '../core/errors';
import { ENGINE_NAMES, type EngineChoice, type EngineName } from './engine-names';
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
 * @throws SigdegError NO_ENGINE when the one that was asked for does not load; with `auto` only when none does
 */
export async function startEngine(choice: EngineChoice): Promise<Engine> {
  if (choice !== 'auto') return start(choice, 'asked for');
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

async function start(name: EngineName, why: string): Promise<Engine> {
  if (name === 'tensorflow') {
    const version = loadNative();
    await select('tensorflow', 'tensorflow');
    return { name, why, version };
  }
  if (name === 'wasm') {
    setWasmPaths(`${path.dirname(fromHere().resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'))}${path.sep}`);
    registerWasmKernels();
  }
  await select(name, name);
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

const fromHere = (): NodeJS.Require => createRequire(__filename);

/** Loads TensorFlow's binding. @throws SigdegError NO_ENGINE with the way to install it */
export function loadNative(): string {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // Node 23 removed two functions that the package's 4.22.0 still calls.
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  legacy['isArray'] ??= (value: unknown): boolean => Array.isArray(value);
  const { warn, log } = console;
  try {
    // Its banners would stand among our output.
    console.warn = console.log = () => undefined;
    const native = fromHere()('@tensorflow/tfjs-node-gpu') as { node?: unknown; version?: { 'tfjs-node'?: string } };
    if (native.node === undefined) throw new Error('the package has no binding');
    return native.version?.['tfjs-node'] ?? 'unknown';
  } catch (error) {
    const reason = messageOf(error).split('\n')[0] ?? '';
    throw new SigdegError('NO_ENGINE', `the native engine is not installed («sigdeg runtime install» builds it): ${reason}`, { cause: error });
  } finally {
    Object.assign(console, { warn, log });
  }
}
