/**
 * Kernel distance of KID (Bińkowski, Sutherland, Arbel and Gretton 2018): the squared maximum mean discrepancy with the kernel k(x, y) = (x·y / d + 1)³,
 * unbiased, of random subsets of both sets, averaged over the subsets:
 *
 *     MMD² = mean_{i ≠ j} k(x_i, x_j) + mean_{i ≠ j} k(y_i, y_j) − 2 mean_{i, j} k(x_i, y_j)
 *
 * The number of torch-fidelity on the same subsets. It is 0 on average for sets of one law, so it may be negative, and the sizes of the sets leave no bias in
 * it. Without unit; lower is better.
 */
import { atLeast } from './sample-set';
import { eachRowBelowDiagonal, eachRowOfProducts, type Items } from './pair-products';
import { itemsAt, randomIndices } from './subset';

export interface KidOptions {
  /** Subsets whose values are averaged. Default 100, of a smaller set as many as hold each item ten times; a set no larger than one subset is its only one. */
  readonly subsets?: number;
  /** Items of a subset. Default 1000. */
  readonly subsetSize?: number;
  /** Of the subsets. Default 0. */
  readonly seed?: number;
}

/** More subsets, or more of them with the same item, cost time and tell nothing new. */
const [MOST_SUBSETS, MOST_REPEATS] = [100, 10];

/** A set with its subsets: which items, and the mean of the kernel over pairs of different ones. */
export interface KidSummary extends Items {
  readonly subsets: readonly { readonly indices: Int32Array; readonly within: number }[];
}

/** set: [n, dimension] flat. Throws NOT_COMPARABLE when there are fewer than two items. */
export function kidSummary(set: Float32Array, dimension: number, { subsetSize = 1000, seed = 0, ...options }: KidOptions = {}): KidSummary {
  const n = atLeast(2, set, dimension, 'KID');
  const subsets = options.subsets ?? Math.min(MOST_SUBSETS, Math.ceil((MOST_REPEATS * n) / subsetSize));
  if (n <= subsetSize) return kidOnSubsets(set, dimension, [Int32Array.from({ length: n }, (_, i) => i)]);
  return kidOnSubsets(set, dimension, Array.from({ length: subsets }, (_, draw) => randomIndices(n, subsetSize, seed, draw)));
}

/** On given subsets of at least two items each. */
export function kidOnSubsets(set: Float32Array, dimension: number, subsets: readonly Int32Array[]): KidSummary {
  return { set, dimension, subsets: subsets.map((indices) => ({ indices, within: meanWithin({ set: itemsAt(set, dimension, indices), dimension }, indices.length) })) };
}

/** The s-th subset of one beside the s-th of the other; a set with fewer subsets begins again. NaN when an item in use is not finite. */
export function kidBetween(a: KidSummary, b: KidSummary): number {
  const { dimension } = a;
  const pairs = Math.max(a.subsets.length, b.subsets.length);
  let sum = 0;
  for (let s = 0; s < pairs; s++) {
    const [x, y] = [a.subsets[s % a.subsets.length]!, b.subsets[s % b.subsets.length]!];
    let across = 0;
    eachRowOfProducts({ set: itemsAt(a.set, dimension, x.indices), dimension }, { set: itemsAt(b.set, dimension, y.indices), dimension }, (_, products, at, _first, count) => {
      across += cubicSum(products, at, count, dimension);
    });
    sum += x.within + y.within - (2 * across) / (x.indices.length * y.indices.length);
  }
  return sum / pairs;
}

function meanWithin(items: Items, n: number): number {
  let sum = 0;
  eachRowBelowDiagonal(items, (_, products, at, _first, count) => { sum += cubicSum(products, at, count, items.dimension); });
  return (2 * sum) / (n * (n - 1));
}

/** Of the kernel, over these products. */
function cubicSum(products: Float64Array, at: number, count: number, dimension: number): number {
  let sum = 0;
  for (let j = at; j < at + count; j++) {
    const base = products[j]! / dimension + 1;
    sum += base * base * base;
  }
  return sum;
}
