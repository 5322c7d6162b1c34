import { SigdegError } from '../core/errors';
import type { TimeGrid } from '../core/grid';
import { fillNormalRows } from '../core/random/normal';
import { INITIAL_STEP, MOST_TERMS, STREAM } from '../core/random/streams';
import { areaBasis, signatureBasis, timeBasis } from '../core/signature';
import { sizeOf } from '../core/shape';
import * as tf from '../runtime/tf';

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
  /** The increment W and the Lévy area H of coarse step n in the clock theta, divided by the square root of its length: two terms, see `areaBasis`. */
  areas(n: number): tf.Tensor;
  /** The noise of the exponential step between two FINE nodes, for solvers that stop within a coarse step. */
  part(from: number, to: number): tf.Tensor;
}

export interface PathItems {
  readonly seed: number;
  /** Which set of paths: sampling and training draw from different streams. */
  readonly stream: number;
  readonly first: number;
  readonly count: number;
  readonly itemShape: readonly number[];
}

function initialNoise({ seed, stream, first, count, itemShape }: PathItems): tf.Tensor {
  const size = sizeOf(itemShape);
  const out = new Float32Array(count * size);
  fillNormalRows(out, 0, size, count, 'items', seed, stream, first, INITIAL_STEP);
  return tf.tensor(out, [count, ...itemShape]);
}

/** [batch, ...pixels, terms · channels] for an item shape [...pixels, channels]. */
const termShape = (count: number, itemShape: readonly number[], terms: number): number[] => [count, ...itemShape.slice(0, -1), terms * itemShape.at(-1)!];

/** What a projection is: signature terms in the clock of the exponential steps (theta), the increment in t, or W and H in theta. */
export type Clock = 'theta' | 't' | 'areas';

const BASIS: Record<Clock, (fine: TimeGrid, from: number, to: number, terms: number) => Float64Array> = { theta: signatureBasis, t: timeBasis, areas: areaBasis };

/** What a sampler will ask of the noise on a coarse grid: so many terms of every step. */
export interface NoiseDemand {
  /** Nodes as indices into the fine grid, ascending. */
  readonly indices: ArrayLike<number>;
  readonly clock: Clock;
  readonly depth: number;
}

/** Normals of one item that are drawn in one go: many short rows, or part of a long path, that stay in the cache. */
const DRAWN_AT_ONCE = 32768;

/** One coarse interval of a demand, with its basis [terms × (to − from)]. */
interface Interval {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly terms: number;
  readonly basis: Float64Array;
}

/**
 * The fine noise of a batch of items: ONE path per item, from which whatever a coarse grid needs is an exact sum. Drawing it costs more than a few-step sampler
 * does, so that many samplers on the same items had better `prepare` all their demands in one pass.
 */
export class FineNoise {
  private readonly prepared = new Map<string, Float32Array>();

  constructor(readonly fine: TimeGrid, readonly items: PathItems) {}

  /** Draws the noise once and keeps what these demands need of it. */
  prepare(demands: readonly NoiseDemand[]): void {
    const intervals = new Map<string, Interval>();
    for (const { indices, clock, depth } of demands) {
      for (let n = 0; n + 1 < indices.length; n++) {
        const interval = this.interval(indices[n]!, indices[n + 1]!, clock, depth);
        if (!this.prepared.has(interval.key)) intervals.set(interval.key, interval);
      }
    }
    const list = [...intervals.values()];
    this.project(list).forEach((data, i) => this.prepared.set(list[i]!.key, data));
  }

  /** The projection over fine steps [from, to), [count, ...pixels, depth · channels]; drawn now unless it was prepared. */
  get(from: number, to: number, clock: Clock, depth: number): tf.Tensor {
    const interval = this.interval(from, to, clock, depth);
    const data = this.prepared.get(interval.key) ?? this.project([interval])[0]!;
    return tf.tensor(data, termShape(this.items.count, this.items.itemShape, depth));
  }

  private interval(from: number, to: number, clock: Clock, terms: number): Interval {
    return { key: `${clock} ${terms} ${from} ${to}`, from, to, terms, basis: BASIS[clock](this.fine, from, to, terms) };
  }

  /** For every interval the sums over its fine steps of basis times normals, laid out [count, ...pixels, terms · channels]. */
  private project(intervals: readonly Interval[]): Float32Array[] {
    const { seed, stream, first, count, itemShape } = this.items;
    const size = sizeOf(itemShape);
    const channels = itemShape.at(-1)!;
    const outs = intervals.map(({ terms }) => new Float32Array(count * terms * size));
    const begin = Math.min(...intervals.map(({ from }) => from));
    const end = Math.max(...intervals.map(({ to }) => to));
    if (end - begin === 1 && intervals.every(({ terms }) => terms === 1)) {
      // One fine step, as a sampler on the fine grid asks for: all items' numbers in one call, and nothing to sum.
      const z = new Float64Array(count * size);
      fillNormalRows(z, 0, size, count, 'items', seed, stream, first, begin);
      intervals.forEach(({ basis }, k) => {
        const out = outs[k]!;
        const q = basis[0]!;
        for (let i = 0; i < z.length; i++) out[i] = q * z[i]!;
      });
      return outs;
    }
    const sums = intervals.map(({ terms }) => new Float64Array(terms * size));
    const atOnce = Math.max(1, Math.floor(DRAWN_AT_ONCE / size));
    const z = new Float64Array(Math.min(atOnce, Math.max(0, end - begin)) * size);
    for (let item = 0; item < count; item++) {
      for (const sum of sums) sum.fill(0);
      for (let j = begin; j < end; j += atOnce) {
        const steps = Math.min(atOnce, end - j);
        if (intervals.every(({ from, to }) => to <= j || j + steps <= from)) continue;
        fillNormalRows(z, 0, size, steps, 'steps', seed, stream, first + item, j);
        intervals.forEach((interval, i) => { addTerms(sums[i]!, interval, j, steps, z, size); });
      }
      intervals.forEach(({ terms }, i) => { interleave(sums[i]!, outs[i]!, item * terms * size, terms, size, channels); });
    }
    return outs;
  }
}

/**
 * sum[k] += basis[k, j] z_j for every term k and, in their order, those of the steps first … first + steps − 1 that lie in the interval; z [steps, size]. In
 * blocks of terms and numbers, whose sums stand in variables: one that waits in memory for its next addend takes several times as long, and what is read of z
 * serves all terms of a block.
 */
function addTerms(sum: Float64Array, { from, to, terms, basis }: Interval, first: number, steps: number, z: Float64Array, size: number): void {
  const begin = Math.max(from, first);
  const end = Math.min(to, first + steps);
  const rows = (end - begin) * size;
  const offset = (begin - first) * size;
  const row = (k: number): number => k * (to - from) + begin - from;
  let k = 0;
  for (; k + 3 < terms; k += 4) addFour(sum, k * size, basis, row(k), to - from, z, offset, rows, size);
  for (; k < terms; k++) addOne(sum, k * size, basis, row(k), z, offset, rows, size);
}

/** Four terms whose sums begin at `at`, their coefficients at `row` and `pitch` apart; z from `offset` on, `rows` numbers of whole steps. */
function addFour(sum: Float64Array, at: number, basis: Float64Array, row: number, pitch: number, z: Float64Array, offset: number, rows: number, size: number): void {
  for (let d = 0; d < size; d += 2) {
    // The last of an odd number is its own partner.
    const other = d + 1 < size ? 1 : 0;
    const [p0, p1, p2, p3] = [at + d, at + size + d, at + 2 * size + d, at + 3 * size + d];
    let a0 = sum[p0]!, a1 = sum[p1]!, a2 = sum[p2]!, a3 = sum[p3]!;
    let b0 = sum[p0 + other]!, b1 = sum[p1 + other]!, b2 = sum[p2 + other]!, b3 = sum[p3 + other]!;
    for (let from = offset + d, to = from + rows, j = row; from < to; from += size, j++) {
      const [x, y] = [z[from]!, z[from + other]!];
      const q0 = basis[j]!, q1 = basis[j + pitch]!, q2 = basis[j + 2 * pitch]!, q3 = basis[j + 3 * pitch]!;
      a0 += q0 * x;
      b0 += q0 * y;
      a1 += q1 * x;
      b1 += q1 * y;
      a2 += q2 * x;
      b2 += q2 * y;
      a3 += q3 * x;
      b3 += q3 * y;
    }
    sum[p0] = a0;
    sum[p1] = a1;
    sum[p2] = a2;
    sum[p3] = a3;
    sum[p0 + other] = b0;
    sum[p1 + other] = b1;
    sum[p2 + other] = b2;
    sum[p3 + other] = b3;
  }
}

/** The same of one term, four numbers at a time. */
function addOne(sum: Float64Array, at: number, basis: Float64Array, row: number, z: Float64Array, offset: number, rows: number, size: number): void {
  for (let d = 0; d < size; d += 4) {
    const last = size - 1 - d;
    const [second, third, fourth] = [Math.min(1, last), Math.min(2, last), Math.min(3, last)];
    const p = at + d;
    let a = sum[p]!, b = sum[p + second]!, c = sum[p + third]!, e = sum[p + fourth]!;
    for (let from = offset + d, to = from + rows, j = row; from < to; from += size, j++) {
      const q = basis[j]!;
      a += q * z[from]!;
      b += q * z[from + second]!;
      c += q * z[from + third]!;
      e += q * z[from + fourth]!;
    }
    sum[p] = a;
    sum[p + second] = b;
    sum[p + third] = c;
    sum[p + fourth] = e;
  }
}

/** The fine noise seen from a coarse grid. The samples of 5, 10 and 1000 steps, of student and teacher, follow the same path. */
export class SharedPath implements BrownianPath {
  /** @param indices coarse nodes as indices into the fine grid, ascending. */
  constructor(private readonly noise: FineNoise, private readonly indices: ArrayLike<number>) {}

  /** Of a grid that begins later, the noise that the path has by then come to: the same picture. */
  initial(): tf.Tensor {
    const first = this.indices[0] ?? 0;
    if (first === 0) return initialNoise(this.noise.items);
    const { lambda } = this.noise.fine;
    const h = lambda[first]! - lambda[0]!;
    return tf.tidy(() => tf.add(tf.mul(initialNoise(this.noise.items), Math.exp(-h)), tf.mul(this.part(0, first), Math.sqrt(-Math.expm1(-2 * h)))));
  }

  signature(n: number, depth: number): tf.Tensor {
    return this.noise.get(this.indices[n]!, this.indices[n + 1]!, 'theta', depth);
  }

  wiener(n: number): tf.Tensor {
    return this.noise.get(this.indices[n]!, this.indices[n + 1]!, 't', 1);
  }

  areas(n: number): tf.Tensor {
    return this.noise.get(this.indices[n]!, this.indices[n + 1]!, 'areas', 2);
  }

  part(from: number, to: number): tf.Tensor {
    return this.noise.get(from, to, 'theta', 1);
  }
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
 * The terms drawn directly: they are exactly independent standard normals, as many as a coarse step has fine ones, and zero beyond; so no fine path is needed and a
 * few-step student samples at its own speed. The pictures are as good, but not those of the same seed on a shared path.
 */
export class SimulatedPath implements BrownianPath {
  /** @param indices coarse nodes as indices into the fine grid, ascending. */
  constructor(private readonly items: PathItems, private readonly indices: ArrayLike<number>) {}

  initial(): tf.Tensor {
    return initialNoise(this.items);
  }

  signature(n: number, depth: number): tf.Tensor {
    const { seed, first, count, itemShape } = this.items;
    const size = sizeOf(itemShape);
    const out = new Float32Array(count * depth * size);
    // One address a term, so that a deeper student sees the same first terms.
    const term = new Float64Array(size * depth);
    const free = Math.min(depth, this.indices[n + 1]! - this.indices[n]!);
    for (let i = 0; i < count; i++) {
      fillNormalRows(term, 0, size, free, 'steps', seed, STREAM.signature, first + i, n * MOST_TERMS);
      interleave(term, out, i * depth * size, depth, size, itemShape.at(-1)!);
    }
    return tf.tensor(out, termShape(count, itemShape, depth));
  }

  wiener(n: number): tf.Tensor {
    return this.signature(n, 1);
  }

  areas(n: number): tf.Tensor {
    return tf.tidy(() => {
      const [W, xi] = tf.split(this.signature(n, 2), 2, -1) as [tf.Tensor, tf.Tensor];
      return tf.concat([W, tf.mul(xi, Math.sqrt(1 / 12))], -1);
    });
  }

  part(): tf.Tensor {
    throw new SigdegError('BAD_USAGE', 'simulated noise has no parts of a step: draw the samples of this sampler on the shared path');
  }
}

