import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as util from 'node:util';
import { messageOf, SigdegError } from '../core/errors';
import { AUTO_ORDER, type AutoStep, type EngineChoice, type EngineName } from './engine-names';
import { registerFusedKernels } from './fused';
import { nativePackageDir, whyNotNative } from './native-package';
import { hasNvidiaGpu } from './nvidia';
import * as tf from './tf';
import { registerWasmKernels } from './wasm-kernels';
import { prepareWebgpu } from './webgpu-engine';
import { isWebgpuInstalled } from './webgpu-package';

export interface Engine {
  readonly name: EngineName;
  /** Why this one, for the log. */
  readonly why: string;
  readonly version: string;
  /** It has a GPU to itself: more processes would only wait for one another. */
  readonly onGpu: boolean;
}

/**
 * Makes an engine the one that computes in this process.
 * @param packageDir another copy of the engine's native part than the installed one, to try it
 * @throws SigdegError NO_ENGINE when the one that was asked for does not load; with `auto` only when none does
 */
export async function startEngine(choice: EngineChoice, packageDir?: string): Promise<Engine> {
  // Otherwise tfjs prints an advertisement for its native package.
  tf.enableProdMode();
  if (choice !== 'auto') return start({ engine: choice }, 'asked for', packageDir);
  const refused: string[] = [];
  for (const step of AUTO_ORDER.filter(isWorthTrying)) {
    try {
      return await start(step, refused.length === 0 ? 'the fastest there is' : refused.join('; '));
    } catch (error) {
      const reason = `no ${step.engine}: ${messageOf(error)}`;
      if (!refused.includes(reason)) refused.push(reason);
    }
  }
  throw new SigdegError('NO_ENGINE', `no engine works here: ${refused.join('; ')}`);
}

/** TensorFlow takes seconds to load, so it is asked for a GPU only where one is; and what nobody installed is not missed. */
function isWorthTrying({ engine, gpu }: AutoStep): boolean {
  if (engine === 'tensorflow' && gpu === true) return hasNvidiaGpu();
  return engine !== 'webgpu' || isWebgpuInstalled();
}

async function start({ engine: name, gpu }: AutoStep, why: string, packageDir?: string): Promise<Engine> {
  if (name === 'tensorflow') {
    const version = loadNative(packageDir);
    await select(name);
    if (gpu === true && !usesCuda()) throw new SigdegError('NO_ENGINE', 'it does not use the NVIDIA GPU that is here: «sigdeg runtime install» builds it for CUDA');
    return { name, why, version, onGpu: usesCuda() };
  }
  if (name === 'webgpu') {
    const adapter = await prepareWebgpu({ dir: packageDir, gpuOnly: gpu === true });
    await select(name);
    return { name, why: `${why}, on ${adapter.name}`, version: tf.version_core, onGpu: true };
  }
  if (name === 'wasm') {
    setWasmPaths(`${path.dirname(createRequire(__filename).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'))}${path.sep}`);
    registerWasmKernels();
  }
  await select(name);
  if (name === 'wasm') registerFusedKernels();
  return { name, why, version: tf.version_core, onGpu: false };
}

/** Whether the native engine, which must be running, computes on a GPU: asked of TensorFlow's own list of devices. */
export const usesCuda = (): boolean => (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;

async function select(name: EngineName): Promise<void> {
  let ok = false;
  try {
    ok = await tf.setBackend(name);
    await tf.ready();
  } catch (error) {
    throw new SigdegError('NO_ENGINE', `the engine ${name} does not start: ${messageOf(error)}`, { cause: error });
  }
  const two = ok ? tf.tidy(() => tf.add(tf.scalar(1), 1).dataSync()[0]) : undefined;
  if (two !== 2) throw new SigdegError('NO_ENGINE', `the engine ${name} does not compute: use --engine auto`);
}

const NATIVE_ENVIRONMENT = {
  // Two lines that it logs before it looks at this cannot be silenced.
  TF_CPP_MIN_LOG_LEVEL: '2',
  // Since Ampere NVIDIA's libraries round the factors of float32 products to 10 bits unless told otherwise: seen on an H100, a product with its gradients is then
  // 2e-3 away from the other engines', against 1e-6, and a training step of a small network is not faster.
  NVIDIA_TF32_OVERRIDE: '0',
  // Otherwise the first job takes all of the GPU's memory and a second one, or the user's own program, gets none.
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
};

/** Loads TensorFlow's binding. @throws SigdegError NO_ENGINE with the way to install it */
function loadNative(packageDir = nativePackageDir()): string {
  // Node hands these on to the C library, and TensorFlow and CUDA read them when they are loaded; what the user's environment says goes first.
  for (const [name, value] of Object.entries(NATIVE_ENVIRONMENT)) process.env[name] ??= value;
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
