/**
 * Fréchet distance between the Gaussians fitted to two sample sets, in data space (Dowson and Landau 1982; the formula of FID, Heusel et al.
 * 2017):
 *
 *     FD = |mu_a − mu_b|² + tr C_a + tr C_b − 2 tr (C_a C_b)^½
 *
 * With C_a = A Aᵀ and C_b = B Bᵀ the last trace is the sum of the singular values of Aᵀ B. That needs no root of a matrix that is not
 * symmetric, and, unlike the eigenvalues of A^ᵀ C_b A, it does not lose half of the digits where a covariance is singular.
 * In squared units of the data; lower is better.
 */
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { SigdegError } from '../core/errors';
import { moments, semidefiniteFactor } from './covariance';
import { itemCount } from './sample-set';

/**
 * a: [n, dimension] flat, b: [m, dimension] flat, n, m ≥ 2. NaN when a sample is not finite. Throws NOT_COMPARABLE for smaller sets.
 */
export function frechetDistance(a: Float32Array, b: Float32Array, dimension: number): number {
  const fewest = Math.min(itemCount(a, dimension), itemCount(b, dimension));
  if (fewest < 2) throw new SigdegError('NOT_COMPARABLE', `expected sample sets of at least 2 items for a Fréchet distance, found ${fewest}`);
  const ma = moments(a, dimension);
  const mb = moments(b, dimension);
  let distance = 0;
  for (let i = 0; i < dimension; i++) {
    const shift = ma.mean[i]! - mb.mean[i]!;
    distance += shift * shift + ma.covariance[i * dimension + i]! + mb.covariance[i * dimension + i]!;
  }
  if (!Number.isFinite(distance)) return NaN;
  const root = traceOfRoot(ma.covariance, mb.covariance, dimension);
  return Math.max(0, distance - 2 * root); // rounding may leave equal sets below zero
}

/** tr (C_a C_b)^½ of two covariances [dimension, dimension]. */
function traceOfRoot(covarianceA: Float64Array, covarianceB: Float64Array, dimension: number): number {
  const a = semidefiniteFactor(covarianceA, dimension);
  const b = semidefiniteFactor(covarianceB, dimension);
  if (a.rank === 0 || b.rank === 0) return 0;
  const product = Matrix.from1DArray(dimension, a.rank, a.factor).transpose().mmul(Matrix.from1DArray(dimension, b.rank, b.factor));
  const { diagonal } = new SingularValueDecomposition(product, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  });
  return diagonal.reduce((sum, value) => sum + value, 0);
}
