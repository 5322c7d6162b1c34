/**
 * Squared maximum mean discrepancy with a Gaussian kernel, unbiased (Gretton, Borgwardt, Rasch, Schölkopf and Smola 2012, lemma 6):
 *
 *     MMD² = mean_{i ≠ j} k(x_i, x_j) + mean_{i ≠ j} k(y_i, y_j) − 2 mean_{i, j} k(x_i, y_j),   k(x, y) = exp(−|x − y|² / 2σ²)
 *
 * σ is the median distance between two items of the reference (section 8 there): unlike the 10 of CMMD (Jayasumana et al. 2024), which is made for CLIP
 * embeddings, it serves features and data of any size. Hence MMD² does not change with the unit, and is not symmetric. It is 0 on average for sets of one law,
 * so it may be negative. Without unit; lower is better.
 */
import { SigdegError } from '../core/errors';
import { median } from '../core/statistics';
import { eachRowOfOwnSquares, eachRowOfSquares, neighbourhoods, type Neighbourhoods } from './neighbours';
import { atLeast } from './sample-set';
import { itemsAt, randomIndices } from './subset';

export interface GaussianMmdOptions {
  /** Of larger sets a random subset of this size is used: the work grows with its square. Default 5000. */
  readonly maxItems?: number;
  /** Of the subsets. Default 0. */
  readonly seed?: number;
}

/** A set, thinned, and its own bandwidth and mean kernel for when it is the reference. */
export interface GaussianMmdSummary {
  readonly items: Neighbourhoods;
  /** Throws NOT_COMPARABLE where sigma would be 0. */
  readonly asReference: () => { readonly sigma: number; readonly within: number };
}

/** Items that the bandwidth is taken from: half a million distances. */
const BANDWIDTH_ITEMS = 1000;
/** The bandwidth's subset is another than the set's. */
const BANDWIDTH_DRAW = 1;

/** set: [n, dimension] flat. Throws NOT_COMPARABLE when there are fewer than two items. */
export function gaussianMmdSummary(set: Float32Array, dimension: number, { maxItems = 5000, seed = 0 }: GaussianMmdOptions = {}): GaussianMmdSummary {
  atLeast(2, set, dimension, 'MMD');
  const items = thinned(set, dimension, maxItems, seed, 0);
  let known: { sigma: number; within: number } | undefined;
  return {
    items,
    asReference() {
      if (known === undefined) {
        const sigma = medianDistance(thinned(items.set, dimension, BANDWIDTH_ITEMS, seed, BANDWIDTH_DRAW));
        known = { sigma, within: meanWithin(items, sigma) };
      }
      return known;
    },
  };
}

/** NaN when an item is not finite. Throws NOT_COMPARABLE for a reference at least half of whose pairs are equal. */
export function gaussianMmd({ items: x }: GaussianMmdSummary, reference: GaussianMmdSummary): number {
  const y = reference.items;
  if (!x.finite || !y.finite) return NaN;
  const { sigma, within } = reference.asReference();
  let across = 0;
  eachRowOfSquares(x, y, (_, squares, at, _first, count) => { across += kernelSum(squares, at, count, sigma); });
  return meanWithin(x, sigma) + within - (2 * across) / (x.n * y.n);
}

function thinned(set: Float32Array, dimension: number, most: number, seed: number, draw: number): Neighbourhoods {
  const n = set.length / dimension;
  return neighbourhoods(n <= most ? set : itemsAt(set, dimension, randomIndices(n, most, seed, draw)), dimension, 1);
}

function medianDistance(items: Neighbourhoods): number {
  const distances = new Float64Array((items.n * (items.n - 1)) / 2);
  eachRowOfOwnSquares(items, (i, squares, at, first, count) => {
    // Rounding may leave near copies below zero.
    for (let j = 0; j < count; j++) distances[(i * (i - 1)) / 2 + first + j] = Math.sqrt(Math.max(0, squares[at + j]!));
  });
  const sigma = median(distances);
  if (sigma === 0) throw new SigdegError('NOT_COMPARABLE', 'expected a reference of different items for the bandwidth of MMD, found that at least half of its pairs are equal');
  return sigma;
}

function meanWithin(x: Neighbourhoods, sigma: number): number {
  let sum = 0;
  eachRowOfOwnSquares(x, (_, squares, at, _first, count) => { sum += kernelSum(squares, at, count, sigma); });
  return (2 * sum) / (x.n * (x.n - 1));
}

/** Of the kernel, over these squared distances. */
function kernelSum(squares: Float64Array, at: number, count: number, sigma: number): number {
  const factor = -1 / (2 * sigma * sigma);
  let sum = 0;
  for (let j = at; j < at + count; j++) sum += Math.exp(squares[j]! * factor);
  return sum;
}
