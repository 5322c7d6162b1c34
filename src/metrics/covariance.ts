/** Mean and covariance of a sample set, in float64, and a factor of a covariance that may be singular. */
import { inParts, type Part } from './parallel';
import { centredProducts } from './products';
import { withRows } from './rows';
import { itemCount } from './sample-set';

export interface Moments {
  readonly mean: Float64Array;
  /** [dimension, dimension], divided by n − 1 as `numpy.cov` does. */
  readonly covariance: Float64Array;
}

/** Rows that are summed at a time: the block of centred columns stays in the second-level cache. */
const BLOCK = 128;

/** So many products, some ten milliseconds, are worth the way to another thread; a set is in no more parts than this, since each has a matrix to add. */
const [PRODUCTS_OF_A_PART, MOST_PARTS] = [1e8, 4];

interface Rows {
  readonly set: Float32Array;
  readonly dimension: number;
}
type Products = ReturnType<typeof centredProductsPlainly>;

export const PRODUCTS_PART: Part<Rows, Products> = {
  name: 'centred products',
  run: ({ set, dimension }) => centredProducts(set, dimension) ?? centredProductsPlainly(set, dimension),
};

/** set: [n, dimension] flat, n ≥ 2. */
export function moments(set: Float32Array, dimension: number): Moments {
  const n = itemCount(set, dimension);
  const rows = Math.ceil(n / Math.min(MOST_PARTS, Math.max(1, Math.floor((n * dimension * dimension) / PRODUCTS_OF_A_PART))));
  const parts = Array.from({ length: Math.ceil(n / rows) }, (_, k) => set.subarray(k * rows * dimension, (k + 1) * rows * dimension));
  const found = inParts(PRODUCTS_PART, parts.map((part): Rows => ({ set: part, dimension })));
  const counts = parts.map((part) => part.length / dimension);
  const mean = new Float64Array(dimension);
  for (let j = 0; j < dimension; j++) mean[j] = found.reduce((sum, part, k) => sum + counts[k]! * part.mean[j]!, 0) / n;
  const covariance = new Float64Array(dimension * dimension);
  for (const [k, { mean: own, products, pitch }] of found.entries()) {
    for (let i = 0; i < dimension; i++) {
      // What a part's products lack about the mean of all is n_k δ δᵀ with δ = its own mean − that (Chan, Golub and LeVeque 1983).
      const scaled = counts[k]! * (own[i]! - mean[i]!);
      for (let j = 0; j <= i; j++) covariance[i * dimension + j]! += products[i * pitch + j]! + scaled * (own[j]! - mean[j]!);
    }
  }
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j <= i; j++) covariance[j * dimension + i] = covariance[i * dimension + j]! /= n - 1;
  }
  return { mean, covariance };
}

/** `centredProducts` where the engine has no SIMD. */
export function centredProductsPlainly(set: Float32Array, dimension: number): { mean: Float64Array; products: Float64Array; pitch: number } {
  const n = set.length / dimension;
  const mean = new Float64Array(dimension);
  for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < dimension; j++) mean[j]! += set[at++]!;
  for (let j = 0; j < dimension; j++) mean[j]! /= n;
  const products = new Float64Array(dimension * dimension);
  const columns = new Float64Array(dimension * BLOCK);
  for (let first = 0; first < n; first += BLOCK) {
    const rows = Math.min(BLOCK, n - first);
    for (let j = 0; j < dimension; j++) {
      for (let r = 0; r < rows; r++) columns[j * BLOCK + r] = set[(first + r) * dimension + j]! - mean[j]!;
    }
    addProducts(products, columns, dimension, rows);
  }
  return { mean, products, pitch: dimension };
}

/** Lower triangle of covariance += columns · columnsᵀ; two by two columns at a time, which halves the reads. */
function addProducts(covariance: Float64Array, columns: Float64Array, dimension: number, rows: number): void {
  for (let i = 0; i < dimension; i += 2) {
    const i0 = i * BLOCK;
    const i1 = Math.min(i + 1, dimension - 1) * BLOCK;
    for (let j = 0; j <= i; j += 2) {
      const j0 = j * BLOCK;
      const j1 = Math.min(j + 1, dimension - 1) * BLOCK;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let r = 0; r < rows; r++) {
        const x0 = columns[i0 + r]!;
        const x1 = columns[i1 + r]!;
        const y0 = columns[j0 + r]!;
        const y1 = columns[j1 + r]!;
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
      }
      covariance[i * dimension + j]! += s00;
      if (j + 1 < dimension) covariance[i * dimension + j + 1]! += s01;
      if (i + 1 < dimension) covariance[(i + 1) * dimension + j]! += s10;
      if (i + 1 < dimension && j + 1 < dimension) covariance[(i + 1) * dimension + j + 1]! += s11;
    }
  }
}

/**
 * L [dimension, rank] with L Lᵀ = covariance: Cholesky with complete pivoting, rows in the original order (Higham 1990). Written out because
 * the libraries' Cholesky stops at a singular matrix, and covariances of images are singular: pixels at the border never change.
 */
export function semidefiniteFactor(covariance: Float64Array, dimension: number): { factor: Float64Array; rank: number } {
  // Which row stands at a place: pivots come first, so that each column of L is computed from its own place on.
  const order = Int32Array.from({ length: dimension }, (_, i) => i);
  const rest = Float64Array.from(order, (i) => covariance[i * dimension + i]!);
  const tolerance = dimension * Number.EPSILON * Math.max(...rest);
  const pitch = 4 * Math.ceil(dimension / 4);
  // Column k of L is row k here; after them weights [pitch].
  return withRows((pitch + 1) * pitch, ({ numbers, addMultiples }) => {
    const weights = pitch * pitch;
    let rank = 0;
    for (; rank < dimension; rank++) {
      let pivot = rank;
      for (let p = rank + 1; p < dimension; p++) if (rest[p]! > rest[pivot]!) pivot = p;
      if (!(rest[pivot]! > tolerance)) break;
      swap(order, rank, pivot);
      swap(rest, rank, pivot);
      for (let k = 0; k < rank; k++) swap(numbers, k * pitch + rank, k * pitch + pivot);
      const root = Math.sqrt(rest[rank]!);
      const at = rank * pitch;
      // Rows not yet made are zero, and so are their weights.
      for (let k = 0; k < rank; k++) numbers[weights + k] = -numbers[k * pitch + rank]!;
      const made = 4 * Math.ceil(rank / 4);
      const begin = 4 * Math.floor(rank / 4);
      const row = order[rank]! * dimension;
      for (let p = rank; p < dimension; p++) numbers[at + p] = covariance[row + order[p]!]!;
      numbers[weights + rank] = 0;
      addMultiples(begin, pitch, made, weights, at + begin, pitch - begin);
      numbers.fill(0, at + begin, at + rank);
      numbers[at + rank] = root;
      for (let p = rank + 1; p < dimension; p++) rest[p]! -= (numbers[at + p]! /= root) ** 2;
    }
    const factor = new Float64Array(dimension * rank);
    order.forEach((row, p) => { for (let k = 0; k <= Math.min(p, rank - 1); k++) factor[row * rank + k] = numbers[k * pitch + p]!; });
    return { factor, rank };
  });
}

function swap(numbers: Float64Array | Int32Array, a: number, b: number): void {
  const value = numbers[a]!;
  numbers[a] = numbers[b]!;
  numbers[b] = value;
}
