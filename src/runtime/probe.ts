/** Tries an engine in this process: does it start, and does it compute what another engine computes? */
import * as os from 'node:os';
import { SigdegError } from '../core/errors';
import { startEngine, usesCuda } from './engine';
import type { EngineChoice } from './engine-names';
import { nativePackageDir, readRecord } from './native-package';
import { nvidiaGpus } from './nvidia';
import * as tf from './tf';
import { prepareWebgpu } from './webgpu-engine';

export interface ProbeResult {
  readonly engine: string;
  readonly version: string;
  /** Whether it computes on a GPU. */
  readonly gpu: boolean;
  /** What more there is to know, for people. */
  readonly detail: string;
}

/** Largest difference to the WebAssembly engine that rounding explains. */
const TOLERANCE = 1e-4;

/**
 * @param packageDir the engine's native part to try instead of the installed one
 * @throws SigdegError NO_ENGINE when the engine does not start or computes something else
 */
export async function probeEngine(choice: EngineChoice, packageDir?: string): Promise<ProbeResult> {
  const { name, version } = await startEngine(choice, packageDir);
  if (name === 'wasm') return { engine: name, version, gpu: false, detail: 'one core a process, nothing to install' };
  if (name === 'cpu') return { engine: name, version, gpu: false, detail: 'plain JavaScript, to check the others with' };
  if (name === 'webgpu') {
    const adapter = await prepareWebgpu({ dir: packageDir, gpuOnly: false });
    const within = await agreement(`WebGPU on ${adapter.name}`, 'update the driver of the GPU');
    return { engine: name, version, gpu: !adapter.software, detail: `${adapter.name}${adapter.software ? ', which is software: never taken by auto' : ''}, ${within}` };
  }
  const library = (tf.backend() as { binding?: { TF_Version?: string } }).binding?.TF_Version ?? 'of unknown version';
  const gpu = usesCuda();
  const within = await agreement(`TensorFlow ${library}`, 'install with another TensorFlow');
  const home = readRecord(packageDir ?? nativePackageDir())?.tensorflow;
  const device = gpu ? (await nvidiaGpus()).join(', ') || 'a GPU' : `${os.availableParallelism()} cores`;
  return { engine: name, version, gpu, detail: `TensorFlow ${library}${home === undefined ? '' : ` in ${home}`}, ${device}, ${within}` };
}

/** Computes some tasks on the running engine and on wasm. @throws SigdegError NO_ENGINE when the results differ */
async function agreement(what: string, cure: string): Promise<string> {
  const own = tasks();
  await startEngine('wasm');
  const difference = Math.max(...tasks().map((values, i) => largestDifference(values, own[i]!)));
  if (!(difference < TOLERANCE)) {
    throw new SigdegError('NO_ENGINE', `${what} computes something else than the wasm engine (they differ by ${difference}, expected less than ${TOLERANCE}): use --engine wasm, or ${cure}`);
  }
  return `within ${difference.toExponential(0)} of wasm`;
}

/** A product and a convolution with their gradients: what every network here is made of. */
function tasks(): Float32Array[] {
  const outputs = tf.tidy(() => {
    const product = gradientsOf((a, b) => tf.matMul(a, b), waves([16, 24], 0.7), waves([24, 8], 1.3));
    const convolution = gradientsOf((x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same'), waves([2, 8, 8, 4], 0.9), waves([3, 3, 4, 8], 1.1));
    return [...product, ...convolution];
  });
  const values = outputs.map((tensor) => tensor.dataSync<'float32'>().slice());
  tf.dispose(outputs);
  return values;
}

/** Numbers made here: a GPU's own sine is right to three digits only. */
const waves = (shape: number[], pace: number): tf.Tensor => tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(pace * i)), shape);

/** A function's values, and its gradients along a direction in which every value counts differently. */
function gradientsOf(fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor[] {
  const values = fn(a, b);
  const { grads } = tf.valueAndGrads((x: tf.Tensor, y: tf.Tensor) => fn(x, y))([a, b], waves(values.shape, 0.3));
  return [values, ...grads];
}

/** The largest difference, where numbers are large in relation to the largest. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / scale;
}
