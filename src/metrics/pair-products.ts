/**
 * The products of every item of one set with every item of another, in float64, a block at a time: the matrix of all of them, 800 MB for twice 10 000 items,
 * is never made. Kernels and distances between items are functions of them.
 */
import { PANEL } from './product-kernel';
import { PANEL_ROW, withRoom } from './products';

/** [n, dimension] flat. */
export interface Items {
  readonly set: Float32Array;
  readonly dimension: number;
}

/** products[at + j] = x_i · y_{first + j} for j from 0 to count − 1. The array is the kernel's own: it holds nothing after the call, which must use no other products. */
export type RowOfProducts = (i: number, products: Float64Array, at: number, first: number, count: number) => void;

/** Bytes of y that are packed at a time: they stay in the second-level cache. */
const NEAR = 256 * 1024;
/** Bytes of x: each block of it has y packed again. */
const FAR = 4 * 1024 * 1024;

/** Visits every pair once, in no order that matters: rows of a block, then the next block. A pair has the same bits whichever of the two is x. */
export function eachRowOfProducts(x: Items, y: Items, visit: RowOfProducts): void {
  if (!eachRowWithSimd(x, y, false, visit)) eachRowPlainly(x, y, false, visit);
}

/** The same for the pairs of a set's different items, j < i. */
export function eachRowBelowDiagonal(x: Items, visit: RowOfProducts): void {
  if (!eachRowWithSimd(x, x, true, visit)) eachRowPlainly(x, x, true, visit);
}

function eachRowWithSimd(x: Items, y: Items, below: boolean, visit: RowOfProducts): boolean {
  const { dimension } = x;
  const [n, m] = [x.set.length / dimension, y.set.length / dimension];
  const [far, near] = [blockOf(FAR, dimension, n), blockOf(NEAR, dimension, m)];
  const outPitch = 8 * near;
  return withRoom([8 * far * dimension, 8 * near * dimension, PANEL * outPitch], ({ memory: { buffer }, addProducts }, addresses) => {
    const [xAt, yAt, outAt] = addresses as [number, number, number];
    const packedX = new Float64Array(buffer, xAt, far * dimension);
    const packedY = new Float64Array(buffer, yAt, near * dimension);
    const out = new Float64Array(buffer, outAt, PANEL * near);
    for (let i0 = 0; i0 < n; i0 += far) {
      const rows = Math.min(far, n - i0);
      packItems(x, i0, rows, packedX);
      for (let j0 = 0; j0 < (below ? i0 + rows : m); j0 += near) {
        const columns = Math.min(near, m - j0);
        packItems(y, j0, columns, packedY);
        for (let i = 0; i < rows; i += PANEL) {
          const wanted = (row: number): number => (below ? Math.min(columns, i0 + row - j0) : columns);
          const last = Math.min(rows, i + PANEL) - 1;
          if (wanted(last) <= 0) continue;
          out.fill(0);
          addProducts(xAt + 8 * i * dimension, yAt, outAt, Math.ceil(wanted(last) / PANEL), dimension, dimension * PANEL_ROW, outPitch);
          for (let row = i; row <= last; row++) if (wanted(row) > 0) visit(i0 + row, out, (row - i) * near, j0, wanted(row));
        }
      }
    }
    return true;
  }) ?? false;
}

/** Where the engine has no SIMD. */
export function eachRowPlainly({ set: x, dimension }: Items, { set: y }: Items, below: boolean, visit: RowOfProducts): void {
  const [n, m] = [x.length / dimension, y.length / dimension];
  const products = new Float64Array(m);
  for (let i = below ? 1 : 0; i < n; i++) {
    const count = below ? i : m;
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < dimension; k++) sum += x[i * dimension + k]! * y[j * dimension + k]!;
      products[j] = sum;
    }
    visit(i, products, 0, 0, count);
  }
}

/** |x_i|², summed in the order of the products, so that an item's distance to itself is 0 and not a rounding error. */
export function squaredNorms({ set, dimension }: Items): Float64Array {
  return Float64Array.from({ length: set.length / dimension }, (_, i) => {
    let sum = 0;
    for (let k = i * dimension; k < (i + 1) * dimension; k++) sum += set[k]! * set[k]!;
    return sum;
  });
}

/** Items of so many bytes in float64, whole panels, no more than there are. */
const blockOf = (bytes: number, dimension: number, n: number): number => PANEL * Math.min(Math.ceil(n / PANEL), Math.max(4, Math.floor(bytes / (PANEL_ROW * dimension))));

/** `count` items from `first` on, in panels of four; what a last panel lacks is whatever was there, and is not visited. */
function packItems({ set, dimension }: Items, first: number, count: number, to: Float64Array): void {
  for (let i = 0, at = first * dimension; i < count; i++) {
    const panel = (i - (i % PANEL)) * dimension + (i % PANEL);
    for (let k = 0; k < dimension; k++) to[panel + k * PANEL] = set[at++]!;
  }
}
