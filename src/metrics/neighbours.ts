/** Nearest neighbours by Euclidean distance, exactly: every pair of items is looked at. Distances are in units of the items. */
import { eachRowBelowDiagonal, eachRowOfProducts, squaredNorms, type Items, type RowOfProducts } from './pair-products';
import { atLeast, itemCount } from './sample-set';

/** Items with their squared norms and, once somebody asks, the squared distance of each to its k-th nearest other one. */
export interface Neighbourhoods extends Items {
  readonly n: number;
  readonly squares: Float64Array;
  /** Whether all items are finite numbers. */
  readonly finite: boolean;
  /** [n]. Throws NOT_COMPARABLE when there are not more than k items. */
  readonly squaredRadii: () => Float64Array;
}

/** set: [n, dimension] flat. Throws NOT_COMPARABLE when it is empty. */
export function neighbourhoods(set: Float32Array, dimension: number, k: number): Neighbourhoods {
  const n = itemCount(set, dimension);
  const squares = squaredNorms({ set, dimension });
  let radii: Float64Array | undefined;
  return { set, dimension, n, squares, finite: squares.every(Number.isFinite), squaredRadii: () => (radii ??= squaredRadii({ set, dimension }, squares, k)) };
}

/**
 * Calls `visit` for every item of `x` and a block of those of `y`: squares[at + j] = |x_i − y_{first + j}|², which is bit for bit what it is with x and y
 * exchanged, and 0 for equal items.
 */
export function eachRowOfSquares(x: Neighbourhoods, y: Neighbourhoods, visit: RowOfProducts): void {
  eachRowOfProducts(x, y, toSquares(x, y, visit));
}

/** The same for the pairs of a set's different items, j < i. */
export function eachRowOfOwnSquares(x: Neighbourhoods, visit: RowOfProducts): void {
  eachRowBelowDiagonal(x, toSquares(x, x, visit));
}

const toSquares = (x: Neighbourhoods, y: Neighbourhoods, visit: RowOfProducts): RowOfProducts => (i, products, at, first, count) => {
  for (let j = 0; j < count; j++) products[at + j] = x.squares[i]! + y.squares[first + j]! - 2 * products[at + j]!;
  visit(i, products, at, first, count);
};

function squaredRadii(items: Items, squares: Float64Array, k: number): Float64Array {
  const n = atLeast(k + 1, items.set, items.dimension, `${k} neighbours of each`);
  // The k nearest of each item so far, ascending.
  const nearest = new Float64Array(n * k).fill(Infinity);
  const radii = new Float64Array(n).fill(Infinity);
  const insert = (i: number, square: number): void => {
    let place = (i + 1) * k - 1;
    for (; place > i * k && nearest[place - 1]! > square; place--) nearest[place] = nearest[place - 1]!;
    nearest[place] = square;
    radii[i] = nearest[(i + 1) * k - 1]!;
  };
  eachRowBelowDiagonal(items, (i, products, at, first, count) => {
    for (let j = 0; j < count; j++) {
      const square = squares[i]! + squares[first + j]! - 2 * products[at + j]!;
      if (square < radii[i]!) insert(i, square);
      if (square < radii[first + j]!) insert(first + j, square);
    }
  });
  return radii;
}

/**
 * The distance of each sample to the nearest reference: of samples to the training set it tells memorised items, when it is smaller than that of held-out
 * items to the training set.
 *
 * @param samples [n, dimension] flat
 * @param references [m, dimension] flat; one that is not finite is nobody's nearest
 * @returns [n], in units of x; not finite where the sample is not
 * @throws SigdegError NOT_COMPARABLE when a set is empty
 */
export function nearestDistances(samples: Float32Array, references: Float32Array, dimension: number): Float64Array {
  const n = itemCount(samples, dimension);
  itemCount(references, dimension);
  const squares = squaredNorms({ set: references, dimension });
  const least = new Float64Array(n).fill(Infinity);
  const nearest = new Int32Array(n).fill(-1);
  eachRowOfProducts({ set: samples, dimension }, { set: references, dimension }, (i, products, at, first, count) => {
    let [best, index] = [least[i]!, nearest[i]!];
    for (let j = 0; j < count; j++) {
      // |x − y|² but for |x|².
      const square = squares[first + j]! - 2 * products[at + j]!;
      if (square < best) {
        best = square;
        index = first + j;
      }
    }
    least[i] = best;
    nearest[i] = index;
  });
  // Of near copies the difference of large numbers has lost the digits that matter.
  return Float64Array.from(nearest, (j, i) => (j < 0 ? NaN : distance(samples, i, references, j, dimension)));
}

function distance(x: Float32Array, i: number, y: Float32Array, j: number, dimension: number): number {
  let squares = 0;
  for (let k = 0; k < dimension; k++) squares += (x[i * dimension + k]! - y[j * dimension + k]!) ** 2;
  return Math.sqrt(squares);
}
