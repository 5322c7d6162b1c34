/**
 * Kernel distance of KID (Bińkowski, Sutherland, Arbel and Gretton 2018): the squared maximum mean discrepancy with the kernel k(x, y) = (x·y / d + 1)³,
 * unbiased, of random subsets of both sets, averaged over the subsets:
 *
 *     MMD² = mean_{i ≠ j} k(x_i, x_j) + mean_{i ≠ j} k(y_i, y_j) − 2 mean_{i, j} k(x_i, y_j)
 *
 * The number of torch-fidelity on the same subsets. It is 0 on average for sets of one law, so it may be negative, and the sizes of the sets leave no bias in
 * it. Without unit; lower is better.
 */
import { inParts, type Part } from './parallel';
import { atLeast } from './sample-set';
import { eachRowBelowDiagonal, eachRowOfProducts, type Items, type RowOfProducts } from './pair-products';
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

/** Some items of a set. */
interface Subset extends Items {
  readonly indices: Int32Array;
}

/** The mean of the kernel over pairs of different items. */
export const WITHIN_PART: Part<Subset, number> = {
  name: 'KID within a set',
  run: (subset) => (2 * sumOf(subset, (items, visit) => { eachRowBelowDiagonal(items, visit); })) / (subset.indices.length * (subset.indices.length - 1)),
};

/** The mean of the kernel over pairs of an item of each. */
export const ACROSS_PART: Part<{ readonly x: Subset; readonly y: Subset }, number> = {
  name: 'KID across sets',
  run: ({ x, y }) => sumOf(x, (items, visit) => { eachRowOfProducts(items, itemsOf(y), visit); }) / (x.indices.length * y.indices.length),
};

/** On given subsets of at least two items each. */
export function kidOnSubsets(set: Float32Array, dimension: number, subsets: readonly Int32Array[]): KidSummary {
  const within = inParts(WITHIN_PART, subsets.map((indices): Subset => ({ set, dimension, indices })));
  return { set, dimension, subsets: subsets.map((indices, s) => ({ indices, within: within[s]! })) };
}

/** The s-th subset of one beside the s-th of the other; a set with fewer subsets begins again. NaN when an item in use is not finite. */
export function kidBetween(a: KidSummary, b: KidSummary): number {
  const pairs = Array.from({ length: Math.max(a.subsets.length, b.subsets.length) }, (_, s) => [a.subsets[s % a.subsets.length]!, b.subsets[s % b.subsets.length]!] as const);
  const subset = ({ set, dimension }: KidSummary, indices: Int32Array): Subset => ({ set, dimension, indices });
  const across = inParts(ACROSS_PART, pairs.map(([x, y]) => ({ x: subset(a, x.indices), y: subset(b, y.indices) })));
  return pairs.reduce((sum, [x, y], s) => sum + x.within + y.within - 2 * across[s]!, 0) / pairs.length;
}

const itemsOf = ({ set, dimension, indices }: Subset): Items => ({ set: itemsAt(set, dimension, indices), dimension });

/** Of the kernel, over the products that are visited. */
function sumOf(subset: Subset, visitAll: (items: Items, visit: RowOfProducts) => void): number {
  let sum = 0;
  visitAll(itemsOf(subset), (_, products, at, _first, count) => { sum += cubicSum(products, at, count, subset.dimension); });
  return sum;
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
