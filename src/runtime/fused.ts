/**
 * What the WebAssembly engine does in one pass instead of many operations: dense layers, SiLU, the Adam step. Each returns undefined (or false) on other engines
 * and where tfjs' memory cannot be shared; the caller then composes the same of operations.
 */
import { withGradient } from './gradient';
import { registerDenseKernels, type DenseAttributes } from './simd/dense-kernels';
import { ADAM_NUMBERS } from './simd/elementwise-code';
import { Heap } from './simd/heap';
import { registerMatrixKernels } from './simd/matrix-kernels';
import { registerMemoryKernels } from './simd/memory-kernels';
import * as tf from './tf';

let heap: Heap | undefined;

/** Prepares the functions below; the WebAssembly backend must be running. */
export function registerFusedKernels(): void {
  if (heap !== undefined) return;
  heap = Heap.open();
  if (heap === undefined) return;
  registerDenseKernels(heap);
  registerMatrixKernels(heap);
  registerMemoryKernels(heap);
}

const available = (): Heap | undefined => (tf.getBackend() === 'wasm' ? heap : undefined);

export interface DenseLayer extends DenseAttributes {
  /** [rows, in] */
  readonly x: tf.Tensor2D;
  /** [in, out] */
  readonly weight: tf.Tensor2D;
  /** [out] */
  readonly bias: tf.Tensor1D;
  /** Features of the time [rows or 1, features], to which no gradient flows, and their weight [features, out]. */
  readonly time?: { readonly features: tf.Tensor2D; readonly weight: tf.Tensor2D };
}

/** y = [x +] silu?(x W + e U + b) → [rows, out]. */
export function fusedDense({ x, weight, bias, time, silu, residual }: DenseLayer): tf.Tensor2D | undefined {
  if (available() === undefined) return undefined;
  const attributes = { silu, residual };
  const features = time ? { time: time.features } : undefined;
  const run = (name: string, inputs: Record<string, tf.Tensor>, keep = true): tf.Tensor[] => tf.engine().runKernel(name, inputs, { ...attributes, keep });
  if (!isDifferentiated()) return run('SigdegDense', { x, weight, bias, ...features, ...(time ? { timeWeight: time.weight } : {}) }, false)[0] as tf.Tensor2D;
  // By name, since which of them there are depends on the layer.
  let kept: string[] = [];
  return withGradient(
    time ? [x, weight, bias, time.weight] : [x, weight, bias],
    ([a, w, b, u], save) => {
      const [y, before] = run('SigdegDense', { x: a!, weight: w!, bias: b!, ...features, ...(u ? { timeWeight: u } : {}) });
      const needed = { x: a!, weight: w!, ...features, ...(before ? { before } : {}) };
      kept = Object.keys(needed);
      save(Object.values(needed));
      return y!;
    },
    (dy, saved) => run('SigdegDenseGradient', { dy, ...Object.fromEntries(kept.map((name, i) => [name, saved[i]!])) }),
  ) as tf.Tensor2D;
}

/** x sigmoid(x) */
export function fusedSilu(x: tf.Tensor): tf.Tensor | undefined {
  if (available() === undefined) return undefined;
  return withGradient(
    [x],
    ([input], save) => {
      save([input!]);
      return tf.engine().runKernel('SigdegSilu', { x: input! });
    },
    (dy, [input]) => [tf.engine().runKernel('SigdegSiluGradient', { dy, x: input! })],
  );
}

/** Whether what is computed now is written down for a gradient. */
const isDifferentiated = (): boolean => (tf.engine() as unknown as { isTapeOn(): boolean }).isTapeOn();

/** The whole state of a training: four flat vectors [size]. */
export interface AdamState {
  readonly weights: tf.Variable;
  readonly ema: tf.Variable;
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

/** The numbers of an Adam step; tensors are scalars. */
export interface AdamNumbers {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Largest norm of the gradient. */
  readonly clip: number;
  readonly learningRate: tf.Tensor;
  readonly correction1: tf.Tensor;
  readonly correction2: tf.Tensor;
  readonly emaDecay: tf.Tensor;
}

/** Takes an Adam step in place, as `adamStep` of the optimiser describes it. @returns whether it did */
export function fusedAdam(state: AdamState, gradient: tf.Tensor, { beta1, beta2, epsilon, clip, ...scalars }: AdamNumbers): boolean {
  const memory = available();
  // What another tensor sees, too, must not change under it.
  if (memory === undefined || !Object.values(state as unknown as Record<string, tf.Variable>).every((variable) => memory.isAlone(variable))) return false;
  const scratch = memory.allocate(ADAM_NUMBERS.length);
  const count = gradient.size;
  memory.call.squares(scratch, memory.at(gradient), count);
  const norm = Math.sqrt(memory.floats(scratch, 4).reduce((a, b) => a + b, 0));
  const value = (scalar: tf.Tensor): number => memory.floats(memory.at(scalar), 1)[0]!;
  const numbers: Record<(typeof ADAM_NUMBERS)[number], number> = {
    scale: Math.min(1, clip / (norm + 1e-12)),
    beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, epsilon,
    correction1: value(scalars.correction1), correction2: value(scalars.correction2), learningRate: value(scalars.learningRate), emaDecay: value(scalars.emaDecay),
  };
  memory.floats(scratch, ADAM_NUMBERS.length).set(ADAM_NUMBERS.map((name) => numbers[name]));
  memory.call.adam(memory.at(state.weights), memory.at(state.ema), memory.at(state.first), memory.at(state.second), memory.at(gradient), count, scratch);
  memory.free(scratch);
  return true;
}
