/**
 * What a function of tensors does, as a list of kernel calls: the way of a network out of tfjs, whatever it is made of. It runs once on the running engine,
 * any of them, while the engine's calls are written down.
 */
import { SigdegError } from '../core/errors';
import { departures } from './departures';
import * as tf from './tf';

/** A tensor in a trace: its number, and its shape at the time. */
export interface TracedTensor {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: string;
}

export interface KernelCall {
  readonly kernel: string;
  /** By tfjs' names for the kernel; the inputs of a list (Concat) are `0`, `1`, … */
  readonly inputs: Readonly<Record<string, TracedTensor>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly TracedTensor[];
}

export interface Trace {
  readonly inputs: Readonly<Record<string, TracedTensor>>;
  readonly calls: readonly KernelCall[];
  readonly outputs: readonly TracedTensor[];
  /** Every tensor that was used and neither computed nor an input: weights, and constants of the function. */
  readonly constants: ReadonlyMap<number, Float32Array>;
}

type RunKernel = (kernel: string, inputs: Record<string, tf.Tensor>, attributes?: Record<string, unknown>) => tf.Tensor | tf.Tensor[];

/**
 * Traces a function. A kernel that another one calls inside is not seen, nor is what the function computes without tensors: that becomes constants.
 * @param fn a pure function of its inputs
 * @throws SigdegError UNSUPPORTED when a part of it is computed outside of the engine
 */
export function trace(fn: (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor[], inputs: Readonly<Record<string, tf.Tensor>>): Trace {
  const engine = tf.engine() as unknown as { runKernel: RunKernel };
  const original = engine.runKernel.bind(engine);
  const known = new Map<tf.Tensor, TracedTensor>();
  const constants = new Map<number, Float32Array>();
  const calls: KernelCall[] = [];
  let count = 0;
  const traced = (tensor: tf.Tensor): TracedTensor => ({ id: count++, shape: tensor.shape, dtype: tensor.dtype });
  const remember = (tensor: tf.Tensor): TracedTensor => {
    const entry = traced(tensor);
    known.set(tensor, entry);
    return entry;
  };
  const found = (tensor: tf.Tensor): TracedTensor => {
    const entry = known.get(tensor);
    if (entry) return entry;
    const constant = remember(tensor);
    constants.set(constant.id, Float32Array.from(tensor.dataSync()));
    return constant;
  };
  const named = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, remember(tensor)]));
  let depth = 0;
  engine.runKernel = (kernel, given, attributes = {}) => {
    // A kernel's own calls of others are its business.
    if (depth > 0) return original(kernel, given, attributes);
    const from = Object.fromEntries(Object.entries(given).filter(([, tensor]) => tensor as unknown !== undefined).map(([name, tensor]) => [name, found(tensor)]));
    depth++;
    try {
      const result = original(kernel, given, attributes);
      calls.push({ kernel, inputs: from, attributes: { ...attributes }, outputs: [result].flat().map(remember) });
      return result;
    } finally {
      depth--;
    }
  };
  const before = departures();
  try {
    let outputs: TracedTensor[] = [];
    tf.tidy(() => {
      outputs = fn(inputs).map(found);
    });
    if (departures() !== before) throw new SigdegError('UNSUPPORTED', 'a model that contains an imported ONNX file runs in two programs and has no form as one file: export a student that started from scratch');
    return { inputs: named, calls, outputs, constants };
  } finally {
    // The own property hid the class's method.
    Reflect.deleteProperty(engine, 'runKernel');
  }
}
