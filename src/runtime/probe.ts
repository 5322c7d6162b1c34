/** Tries an engine in this process: does it start, and does it compute what another engine computes? */
import * as os from 'node:os';
import { SigdegError } from '../core/errors';
import { startEngine } from './engine';
import type { EngineChoice } from './engine-names';
import { nativePackageDir, readRecord } from './native-package';
import * as tf from './tf';

export interface ProbeResult {
  readonly engine: string;
  readonly version: string;
  /** What more there is to know, for people. */
  readonly detail: string;
}

/** Largest difference to the WebAssembly engine that rounding explains. */
const TOLERANCE = 1e-4;

/**
 * @param packageDir the native engine's package to try instead of the installed one
 * @throws SigdegError NO_ENGINE when the engine does not start or computes something else
 */
export async function probeEngine(choice: EngineChoice, packageDir?: string): Promise<ProbeResult> {
  const { name, version } = await startEngine(choice, packageDir);
  if (name === 'wasm') return { engine: name, version, detail: 'one core a process, nothing to install' };
  if (name === 'cpu') return { engine: name, version, detail: 'plain JavaScript, to check the others with' };
  const library = (tf.backend() as { binding?: { TF_Version?: string } }).binding?.TF_Version ?? 'of unknown version';
  const native = tasks();
  await startEngine('wasm');
  const difference = Math.max(...tasks().map((values, i) => largestDifference(values, native[i]!)));
  if (!(difference < TOLERANCE)) {
    throw new SigdegError('NO_ENGINE', `TensorFlow ${library} computes something else than the wasm engine (they differ by ${difference}, expected less than ${TOLERANCE}): use --engine wasm, or install with another TensorFlow`);
  }
  const home = readRecord(packageDir ?? nativePackageDir())?.tensorflow;
  return { engine: name, version, detail: `TensorFlow ${library}${home === undefined ? '' : ` in ${home}`}, ${os.availableParallelism()} cores, within ${difference.toExponential(0)} of wasm` };
}

/** A product and a convolution with their gradients: what every network here is made of. */
function tasks(): Float32Array[] {
  const outputs = tf.tidy(() => {
    const waves = (shape: number[], pace: number): tf.Tensor => tf.reshape(tf.sin(tf.mul(tf.range(0, shape.reduce((a, b) => a * b, 1)), pace)), shape);
    const product = tf.valueAndGrads((a, b) => tf.sum(tf.sin(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D))))([waves([16, 24], 0.7), waves([24, 8], 1.3)]);
    const convolution = tf.valueAndGrads((x, f) => tf.sum(tf.sin(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same'))))([waves([2, 8, 8, 4], 0.9), waves([3, 3, 4, 8], 1.1)]);
    return [product, convolution].flatMap(({ value, grads }) => [value, ...grads]);
  });
  const values = outputs.map((tensor) => tensor.dataSync<'float32'>().slice());
  tf.dispose(outputs);
  return values;
}

const largestDifference = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), a.length === b.length ? 0 : Infinity);
