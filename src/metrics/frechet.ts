/**
 * Fréchet distance between the Gaussians fitted to two sets, of samples or of their features (Dowson and Landau 1982; the formula of FID, Heusel et al.
 * 2017):
 *
 *     FD = |mu_a − mu_b|² + tr C_a + tr C_b − 2 tr (C_a C_b)^½
 *
 * With C_a = A Aᵀ and C_b = B Bᵀ the last trace is the sum of the singular values of Aᵀ B. That needs no root of a matrix that is not
 * symmetric, and, unlike the eigenvalues of A^ᵀ C_b A, it does not lose half of the digits where a covariance is singular.
 * In squared units of the data; lower is better.
 */
import { moments, semidefiniteFactor } from './covariance';
import { transposedProduct } from './products';
import { atLeast } from './sample-set';
import { nuclearNorm } from './singular-values';

/** Mean, and a factor [dimension, rank] of the covariance, of a set of at least two items. */
export interface Gaussian {
  readonly mean: Float64Array;
  readonly trace: number;
  readonly factor: Float64Array;
  readonly rank: number;
}

/**
 * a: [n, dimension] flat, b: [m, dimension] flat, n, m ≥ 2. NaN when a sample is not finite. Throws NOT_COMPARABLE for smaller sets.
 */
export function frechetDistance(a: Float32Array, b: Float32Array, dimension: number): number {
  return frechetBetween(gaussianOf(a, dimension), gaussianOf(b, dimension));
}

/** Throws NOT_COMPARABLE when there are fewer than two items. */
export function gaussianOf(set: Float32Array, dimension: number): Gaussian {
  atLeast(2, set, dimension, 'a Fréchet distance');
  const { mean, covariance } = moments(set, dimension);
  let trace = 0;
  for (let i = 0; i < dimension; i++) trace += covariance[i * dimension + i]!;
  if (!Number.isFinite(trace)) return { mean, trace: NaN, factor: new Float64Array(0), rank: 0 };
  return { mean, trace, ...semidefiniteFactor(covariance, dimension) };
}

export function frechetBetween(a: Gaussian, b: Gaussian): number {
  let distance = a.trace + b.trace;
  for (let i = 0; i < a.mean.length; i++) distance += (a.mean[i]! - b.mean[i]!) ** 2;
  if (!Number.isFinite(distance)) return NaN;
  return Math.max(0, distance - 2 * traceOfRoot(a, b)); // rounding may leave equal sets below zero
}

/** tr (C_a C_b)^½ with C = factor · factorᵀ. */
function traceOfRoot(a: Gaussian, b: Gaussian): number {
  if (a.rank === 0 || b.rank === 0) return 0;
  // The taller way round, as the sum of singular values wants it.
  const [tall, wide] = a.rank >= b.rank ? [a, b] : [b, a];
  const product = transposedProduct(tall.factor, tall.rank, wide.factor, wide.rank) ?? transposedProductPlainly(tall, wide);
  return nuclearNorm(product, tall.rank, wide.rank);
}

/** `transposedProduct` where the engine has no SIMD. */
function transposedProductPlainly(a: Gaussian, b: Gaussian): Float64Array {
  const product = new Float64Array(a.rank * b.rank);
  for (let row = 0; row < a.mean.length; row++) {
    for (let i = 0; i < a.rank; i++) {
      const x = a.factor[row * a.rank + i]!;
      for (let j = 0; j < b.rank; j++) product[i * b.rank + j]! += x * b.factor[row * b.rank + j]!;
    }
  }
  return product;
}
