import type { TimeGrid } from '../core/grid';
import { fillNormals } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { signatureBasis, timeBasis } from '../core/signature';
import * as tf from '../runtime/tf';
import { sizeOf } from '../nets/parameters';

/**
 * The noise of a batch of items on a coarse grid. Every array is a function of (seed, item, fine step, index) alone, never of the batch.
 * Terms are joined along the last axis: depth m makes [batch, ...pixels, m · channels] with term k in channels k·c … (k+1)·c − 1.
 */
export interface BrownianPath {
  /** The start of the backward process [batch, ...item], standard normal (the items' x_T). */
  initial(): tf.Tensor;
  /** The orthonormal partial signature xi_0 … xi_{depth−1} of coarse step n. xi_0 alone is the noise of the exponential step. */
  signature(n: number, depth: number): tf.Tensor;
  /** The Brownian increment in t over coarse step n, scaled to unit variance. */
  wiener(n: number): tf.Tensor;
}

export interface PathItems {
  readonly seed: number;
  /** Which set of paths: sampling and training draw from different streams. */
  readonly stream: number;
  readonly first: number;
  readonly count: number;
  readonly itemShape: readonly number[];
}

/** The step of the address that holds x_T. */
const INITIAL = 0xffffffff;

function initialNoise({ seed, stream, first, count, itemShape }: PathItems): tf.Tensor {
  const size = sizeOf(itemShape);
  const out = new Float32Array(count * size);
  for (let i = 0; i < count; i++) fillNormals(out, i * size, size, seed, stream, first + i, INITIAL);
  return tf.tensor(out, [count, ...itemShape]);
}

/** [batch, ...pixels, terms · channels] for an item shape [...pixels, channels]. */
const termShape = (count: number, itemShape: readonly number[], terms: number): number[] => [count, ...itemShape.slice(0, -1), terms * itemShape.at(-1)!];

/**
 * ONE path per item on the fine grid; whatever a coarse grid needs is an exact sum over it. So the samples of 5, 10 and 1000 steps, of student and
 * teacher, follow the same path.
 */
export class SharedPath implements BrownianPath {
  /** @param indices coarse nodes as indices into the fine grid, ascending. */
  constructor(private readonly fine: TimeGrid, private readonly indices: ArrayLike<number>, private readonly items: PathItems) {}

  initial(): tf.Tensor {
    return initialNoise(this.items);
  }

  signature(n: number, depth: number): tf.Tensor {
    return this.project(n, depth, (from, to) => signatureBasis(this.fine, from, to, depth));
  }

  wiener(n: number): tf.Tensor {
    return this.project(n, 1, (from, to) => timeBasis(this.fine, from, to));
  }

  private project(n: number, terms: number, basisOf: (from: number, to: number) => Float64Array): tf.Tensor {
    const from = this.indices[n]!;
    const to = this.indices[n + 1]!;
    const { count, itemShape } = this.items;
    const data = projectFineNoise(this.items, from, to, terms, basisOf(from, to));
    return tf.tensor(data, termShape(count, itemShape, terms));
  }
}

/** Sums over fine steps [from, to) of basis [terms × steps] times the items' fine normals, laid out [count, ...pixels, terms · channels]. */
export function projectFineNoise(items: PathItems, from: number, to: number, terms: number, basis: Float64Array): Float32Array {
  const { seed, stream, first, count, itemShape } = items;
  const size = sizeOf(itemShape);
  const channels = itemShape.at(-1)!;
  const steps = to - from;
  const out = new Float32Array(count * terms * size);
  const z = new Float64Array(size);
  const sum = new Float64Array(terms * size);
  for (let i = 0; i < count; i++) {
    sum.fill(0);
    for (let j = 0; j < steps; j++) {
      fillNormals(z, 0, size, seed, stream, first + i, from + j);
      for (let k = 0; k < terms; k++) {
        const q = basis[k * steps + j]!;
        const at = k * size;
        for (let d = 0; d < size; d++) sum[at + d]! += q * z[d]!;
      }
    }
    interleave(sum, out, i * terms * size, terms, size, channels);
  }
  return out;
}

/** From term-major [terms, pixels, channels] to [pixels, terms · channels]. */
export function interleave(sum: Float64Array, out: Float32Array, offset: number, terms: number, size: number, channels: number): void {
  for (let k = 0; k < terms; k++) {
    for (let d = 0; d < size; d++) {
      const pixel = Math.floor(d / channels);
      out[offset + (pixel * terms + k) * channels + (d - pixel * channels)] = sum[k * size + d]!;
    }
  }
}

/**
 * The terms drawn directly: they are exactly independent standard normals, so no fine path is needed and a few-step student samples at its own
 * speed. The pictures are as good, but not those of the same seed on a shared path.
 */
export class SimulatedPath implements BrownianPath {
  constructor(private readonly items: PathItems) {}

  initial(): tf.Tensor {
    return initialNoise(this.items);
  }

  signature(n: number, depth: number): tf.Tensor {
    const { seed, first, count, itemShape } = this.items;
    const size = sizeOf(itemShape);
    const out = new Float32Array(count * depth * size);
    // One address a term, so that a deeper student sees the same first terms.
    const term = new Float64Array(size * depth);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < depth; k++) fillNormals(term, k * size, size, seed, STREAM.signature, first + i, n * 256 + k);
      interleave(term, out, i * depth * size, depth, size, itemShape.at(-1)!);
    }
    return tf.tensor(out, termShape(count, itemShape, depth));
  }

  wiener(n: number): tf.Tensor {
    return this.signature(n, 1);
  }
}
