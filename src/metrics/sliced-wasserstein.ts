/**
 * Sliced Wasserstein distance of order 2 (Bonneel et al. 2015, equation 9, estimated with random directions):
 *
 *     SWD = sqrt( mean over directions theta of W_2²(theta·a, theta·b) ),   W_2² in 1-D = mean_i (sort(theta·a)_i − sort(theta·b)_i)²
 *
 * The same definition as `ot.sliced_wasserstein_distance(a, b, p=2)` of POT. In units of the data; lower is better.
 */
import { fillNormals } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { equalCount } from './sample-set';

export interface SlicedWassersteinOptions {
  /** Number of directions. Default 128. */
  readonly projections?: number;
  /** Of the directions. Default 0. */
  readonly seed?: number;
}

/**
 * a, b: [n, dimension] flat, equal n. Not finite when a sample is not. Throws NOT_COMPARABLE when the sizes differ.
 */
export function slicedWasserstein(a: Float32Array, b: Float32Array, dimension: number, options: SlicedWassersteinOptions = {}): number {
  const { projections = 128, seed = 0 } = options;
  const directions = projectionDirections(dimension, projections, seed);
  return Math.sqrt(meanProjectedSquare(a, b, dimension, directions));
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

/** SWD² for given directions [projections, dimension]. */
export function meanProjectedSquare(a: Float32Array, b: Float32Array, dimension: number, directions: Float64Array): number {
  const n = equalCount(a, b, dimension);
  const projections = directions.length / dimension;
  const onA = new Float64Array(n);
  const onB = new Float64Array(n);
  let total = 0;
  for (let p = 0; p < projections; p++) {
    const theta = directions.subarray(p * dimension, (p + 1) * dimension);
    project(a, theta, onA);
    project(b, theta, onB);
    onA.sort();
    onB.sort();
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const difference = onA[i]! - onB[i]!;
      squares += difference * difference;
    }
    total += squares / n;
  }
  return total / projections;
}

function project(set: Float32Array, theta: Float64Array, out: Float64Array): void {
  const dimension = theta.length;
  for (let i = 0, at = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < dimension; j++) sum += theta[j]! * set[at++]!;
    out[i] = sum;
  }
}
