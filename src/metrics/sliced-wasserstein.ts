/**
 * Sliced Wasserstein distance of order 2 (Bonneel et al. 2015, equation 9, estimated with random directions):
 *
 *     SWD = sqrt( mean over directions theta of W_2²(theta·a, theta·b) ),   W_2² in 1-D = mean_i (sort(theta·a)_i − sort(theta·b)_i)²
 *
 * The same definition as `ot.sliced_wasserstein_distance(a, b, p=2)` of POT, with projections rounded to float32 (as the samples are). In units of the data;
 * lower is better.
 */
import { SigdegError } from '../core/errors';
import { fillNormals } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { inParts, type Part } from './parallel';
import { itemCount } from './sample-set';
import { sortedFloats } from './sort';

export interface SlicedWassersteinOptions {
  /** Number of directions. Default 128. */
  readonly projections?: number;
  /** Of the directions. Default 0. */
  readonly seed?: number;
}

/** A set seen from every direction: [projections, n], each row sorted. Sorting is nearly all of the work, so a set that is compared often is sorted once. */
export interface SortedProjections {
  readonly n: number;
  readonly rows: readonly Float32Array[];
}

/**
 * a, b: [n, dimension] flat, equal n. Not finite when a sample is not. Throws NOT_COMPARABLE when the sizes differ.
 */
export function slicedWasserstein(a: Float32Array, b: Float32Array, dimension: number, options: SlicedWassersteinOptions = {}): number {
  const { projections = 128, seed = 0 } = options;
  const directions = projectionDirections(dimension, projections, seed);
  return projectedDistance(sortedProjections(a, dimension, directions), sortedProjections(b, dimension, directions));
}

/** Unit vectors [projections, dimension], uniform on the sphere: normalised normals of (seed, stream projection, item = direction). */
export function projectionDirections(dimension: number, projections: number, seed: number): Float64Array {
  const directions = new Float64Array(projections * dimension);
  for (let p = 0; p < projections; p++) {
    const theta = directions.subarray(p * dimension, (p + 1) * dimension);
    fillNormals(theta, 0, dimension, seed, STREAM.projection, p, 0);
    const norm = Math.sqrt(theta.reduce((sum, x) => sum + x * x, 0));
    for (let i = 0; i < dimension; i++) theta[i]! /= norm;
  }
  return directions;
}

/** Directions that one part looks along. */
const DIRECTIONS_OF_A_PART = 16;

interface View {
  readonly set: Float32Array;
  readonly n: number;
  readonly directions: Float64Array;
}

export const PROJECTIONS_PART: Part<View, readonly Float32Array[]> = {
  name: 'sorted projections',
  run({ set, n, directions }) {
    const dimension = set.length / n;
    return Array.from({ length: directions.length / dimension }, (_, p) => sortedFloats(project(set, directions.subarray(p * dimension, (p + 1) * dimension), n)));
  },
};

export function sortedProjections(set: Float32Array, dimension: number, directions: Float64Array): SortedProjections {
  const n = itemCount(set, dimension);
  const size = DIRECTIONS_OF_A_PART * dimension;
  const views = Array.from({ length: Math.ceil(directions.length / size) }, (_, k): View => ({ set, n, directions: directions.slice(k * size, (k + 1) * size) }));
  return { n, rows: inParts(PROJECTIONS_PART, views).flat() };
}

/** SWD of two sets seen from the same directions. Throws NOT_COMPARABLE when their sizes differ. */
export function projectedDistance(a: SortedProjections, b: SortedProjections): number {
  if (a.n !== b.n) throw new SigdegError('NOT_COMPARABLE', `expected two sample sets of the same size, found ${a.n} and ${b.n} items; draw as many of both`);
  let total = 0;
  a.rows.forEach((onA, p) => {
    const onB = b.rows[p]!;
    let squares = 0;
    for (let i = 0; i < a.n; i++) {
      const difference = onA[i]! - onB[i]!;
      squares += difference * difference;
    }
    total += squares / a.n;
  });
  return Math.sqrt(total / a.rows.length);
}

function project(set: Float32Array, theta: Float64Array, n: number): Float32Array {
  const dimension = theta.length;
  const out = new Float32Array(n);
  for (let i = 0, at = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < dimension; j++) sum += theta[j]! * set[at++]!;
    out[i] = sum;
  }
  return out;
}
