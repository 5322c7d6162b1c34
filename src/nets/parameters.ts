import { fillNormals } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import type { TensorData } from '../formats/safetensors';
import * as tf from '../runtime/tf';

/** How a parameter starts: normal with the given standard deviation, or a constant. */
export type Init = { normal: number } | { constant: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
}

/** Finds a parameter's tensor by its name. */
export type Weights = (name: string) => tf.Tensor;

/**
 * The named parameters of a network laid end to end in ONE flat vector. An optimiser then works on a single tensor (a dozen operations a step,
 * however many layers there are), and saving, averaging and clipping are one operation each.
 */
export class ParameterLayout {
  readonly size: number;
  private readonly index: ReadonlyMap<string, number>;

  constructor(readonly specs: readonly ParameterSpec[]) {
    this.index = new Map(specs.map((spec, i) => [spec.name, i]));
    if (this.index.size !== specs.length) throw new SigdegError('INTERNAL', 'two parameters of one network have the same name');
    this.size = specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
  }

  /** Starting values [size]; each parameter draws from its own address, so adding one does not change the others. */
  initial(seed: number): Float32Array {
    const flat = new Float32Array(this.size);
    let offset = 0;
    this.specs.forEach(({ shape, init }, item) => {
      const count = sizeOf(shape);
      if ('constant' in init) flat.fill(init.constant, offset, offset + count);
      else if (init.normal > 0) {
        fillNormals(flat, offset, count, seed, STREAM.weights, item, 0);
        for (let i = offset; i < offset + count; i++) flat[i]! *= init.normal;
      }
      offset += count;
    });
    return flat;
  }

  /** Cuts a flat tensor [size] into the parameters' tensors, in order. */
  split(flat: tf.Tensor1D): tf.Tensor[] {
    const sizes = this.specs.map((spec) => sizeOf(spec.shape));
    return tf.split(flat, sizes).map((piece, i) => tf.reshape(piece, [...this.specs[i]!.shape]));
  }

  /** Looks names up in tensors that `split` made. */
  weights(pieces: readonly tf.Tensor[]): Weights {
    return (name) => {
      const i = this.index.get(name);
      if (i === undefined) throw new SigdegError('INTERNAL', `the network has no parameter «${name}»`);
      return pieces[i]!;
    };
  }

  /** Names the stretches of a flat vector, for a safetensors file. */
  toTensors(flat: Float32Array): Map<string, TensorData> {
    const tensors = new Map<string, TensorData>();
    let offset = 0;
    for (const { name, shape } of this.specs) {
      const count = sizeOf(shape);
      tensors.set(name, { dtype: 'F32', shape: [...shape], data: flat.slice(offset, offset + count) });
      offset += count;
    }
    return tensors;
  }

  /** The flat vector of a file's tensors. @throws SigdegError BAD_CHECKPOINT when a name or a shape does not fit. */
  fromTensors(tensors: ReadonlyMap<string, TensorData>, where: string): Float32Array {
    const flat = new Float32Array(this.size);
    let offset = 0;
    for (const { name, shape } of this.specs) {
      const found = tensors.get(name);
      if (!found) throw new SigdegError('BAD_CHECKPOINT', `${where}: expected the parameter «${name}» [${shape.join(', ')}], found none`);
      if (found.shape.length !== shape.length || found.shape.some((d, i) => d !== shape[i]) || !(found.data instanceof Float32Array)) {
        throw new SigdegError('BAD_CHECKPOINT', `${where}: «${name}»: expected float32 [${shape.join(', ')}], found ${found.dtype} [${found.shape.join(', ')}]`);
      }
      flat.set(found.data, offset);
      offset += found.data.length;
    }
    if (tensors.size !== this.specs.length) {
      const known = new Set(this.specs.map((spec) => spec.name));
      const extra = [...tensors.keys()].find((name) => !known.has(name));
      throw new SigdegError('BAD_CHECKPOINT', `${where}: found the parameter «${extra ?? '?'}», which this network does not have`);
    }
    return flat;
  }

  /**
   * Starting values taken from another network's: parameters of the same name are copied; where this network's parameter is larger along an axis
   * (more inputs, more outputs), the rest is zero, so that the new inputs have no influence at first. Parameters that the other lacks start as usual.
   * @throws SigdegError UNSUPPORTED when a shared parameter is smaller here than there, or of other rank.
   */
  grownFrom(other: ParameterLayout, values: Float32Array, seed: number): Float32Array {
    const flat = this.initial(seed);
    const theirs = other.toTensors(values);
    let offset = 0;
    for (const { name, shape } of this.specs) {
      const count = sizeOf(shape);
      const source = theirs.get(name);
      if (source) {
        if (source.shape.length !== shape.length || source.shape.some((d, i) => d > shape[i]!)) {
          throw new SigdegError('UNSUPPORTED', `a network cannot start from one whose «${name}» is [${source.shape.join(', ')}] while its own is [${shape.join(', ')}]: use the same width, blocks and channels`);
        }
        flat.fill(0, offset, offset + count);
        copyInto(flat, offset, shape, source.data as Float32Array, source.shape);
      }
      offset += count;
    }
    return flat;
  }
}

/** Copies a smaller array [from] into the corner of a larger one [to] that begins at `offset` of `target`. */
function copyInto(target: Float32Array, offset: number, to: readonly number[], source: Float32Array, from: readonly number[]): void {
  if (from.length === 0) {
    target[offset] = source[0]!;
    return;
  }
  const rowTo = sizeOf(to.slice(1));
  const rowFrom = sizeOf(from.slice(1));
  for (let i = 0; i < from[0]!; i++) {
    if (to.length === 1) target[offset + i] = source[i]!;
    else copyInto(target, offset + i * rowTo, to.slice(1), source.subarray(i * rowFrom, (i + 1) * rowFrom), from.slice(1));
  }
}
