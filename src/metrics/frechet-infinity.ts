/**
 * Fréchet distance extrapolated to infinitely many items (Chong and Forsyth 2020, section 4). Of finite sets it is biased by about c/n, with a c that
 * depends on the model, so that it may rank models wrongly. It is computed between random subsets of the shares f = 1/10 … 1 of both sets, at 15 sizes evenly
 * spaced as in the paper, and
 *
 *     FD(f) ≈ FD∞ + c/f
 *
 * is fitted by least squares; with sets of sizes n and m the bias c_n/(f n) + c_m/(f m) is linear in 1/f too. FD∞ may be negative for sets of one law. In
 * squared units of the data; lower is better.
 */
import { frechetBetween, gaussianOf, type Gaussian } from './frechet';
import { atLeast } from './sample-set';
import { itemsAt, randomIndices } from './subset';

const SIZES = 15;
const LEAST_SHARE = 0.1;
const SHARES = Array.from({ length: SIZES }, (_, s) => LEAST_SHARE + ((1 - LEAST_SHARE) * s) / (SIZES - 1));

/**
 * set: [n, dimension] flat. Gaussians of a subset of every size, the largest of all items.
 * @throws SigdegError NOT_COMPARABLE when the smallest subset has not more items than dimensions: its singular covariance has another bias
 */
export function gaussiansBySize(set: Float32Array, dimension: number, seed: number): Gaussian[] {
  const n = atLeast(Math.ceil((dimension + 1) / LEAST_SHARE), set, dimension, `a Fréchet distance of infinitely many in ${dimension} dimensions`);
  return SHARES.map((share, draw) => {
    const size = Math.round(share * n);
    return gaussianOf(size === n ? set : itemsAt(set, dimension, randomIndices(n, size, seed, draw)), dimension);
  });
}

/** NaN when an item is not finite. */
export function frechetInfinity(a: readonly Gaussian[], b: readonly Gaussian[]): number {
  return intercept(SHARES.map((share) => 1 / share), a.map((gaussian, s) => frechetBetween(gaussian, b[s]!)));
}

/** Of the line through the points by least squares, at x = 0. */
export function intercept(x: readonly number[], y: readonly number[]): number {
  const [meanX, meanY] = [x, y].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length) as [number, number];
  let [xy, xx] = [0, 0];
  x.forEach((value, i) => {
    xy += (value - meanX) * (y[i]! - meanY);
    xx += (value - meanX) ** 2;
  });
  return meanY - (xy / xx) * meanX;
}
