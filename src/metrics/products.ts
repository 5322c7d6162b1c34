/** Products of matrices in float64 on the SIMD kernel; undefined where the engine has none, or the matrices do not fit into its memory. */
import { instantiate } from '../core/wasm/instantiate';
import { FREE, PANEL, productKernel, type ProductExports } from './product-kernel';

/** Rows that are multiplied at a time: two panels of them stay in the first-level cache. */
const BLOCK = 128;
/** Memory above this is given back after use. */
const MOST_KEPT = 256 * 1024 * 1024;
const PAGE = 65536;
/** Bytes of a row of a panel. */
export const PANEL_ROW = 8 * PANEL;

let kernel: ProductExports | undefined;

const padded = (columns: number): number => PANEL * Math.ceil(columns / PANEL);

/** The kernel with zeroed room for areas of these many bytes, at these addresses. */
export function withRoom<T>(bytes: readonly number[], use: (kernel: ProductExports, addresses: readonly number[]) => T): T | undefined {
  const loaded = (kernel ??= instantiate<ProductExports>(productKernel()));
  if (loaded === undefined) return undefined;
  const addresses: number[] = [];
  let end = FREE;
  for (const size of bytes) {
    addresses.push(end);
    end += 16 * Math.ceil(size / 16);
  }
  const missing = Math.ceil((end - loaded.memory.buffer.byteLength) / PAGE);
  try {
    if (missing > 0) loaded.memory.grow(missing);
  } catch {
    return undefined;
  }
  new Uint8Array(loaded.memory.buffer, FREE, end - FREE).fill(0);
  const result = use(loaded, addresses);
  if (loaded.memory.buffer.byteLength > MOST_KEPT) kernel = undefined;
  return result;
}

/**
 * Means of a set [n, columns] over its rows, and sums of the products of its columns with their means taken off. The set is visited once: what is taken off is the
 * mean of the first rows, and n δ δᵀ with δ = mean − centre at the end (Chan, Golub and LeVeque 1983). These rows are of the set, so that n δ² is at most n / BLOCK
 * times what remains: for 10 000 rows less than two digits are lost, however unlike the others the first may be.
 * @returns mean [columns], and the lower triangle of products [columns, columns], row by row `pitch` numbers apart
 */
export function centredProducts(set: Float32Array, columns: number): { mean: Float64Array; products: Float64Array; pitch: number } | undefined {
  const n = set.length / columns;
  const width = padded(columns);
  const panels = width / PANEL;
  return withRoom([8 * width, 8 * width, 4 * BLOCK * width, 8 * BLOCK * width, 8 * width * width], ({ memory: { buffer }, addRows, packCentred, addProducts }, addresses) => {
    const [sumsAt, centreAt, setAt, packedAt, outAt] = addresses as [number, number, number, number, number];
    const part = new Float32Array(buffer, setAt, BLOCK * width);
    const sums = new Float64Array(buffer, sumsAt, width);
    const centre = new Float64Array(buffer, centreAt, width);
    for (let first = 0; first < n; first += BLOCK) {
      const rows = Math.min(BLOCK, n - first);
      if (width === columns) part.set(set.subarray(first * columns, (first + rows) * columns));
      else for (let r = 0; r < rows; r++) part.set(set.subarray((first + r) * columns, (first + r + 1) * columns), r * width);
      addRows(setAt, sumsAt, rows, width);
      if (first === 0) for (let j = 0; j < columns; j++) centre[j] = sums[j]! / rows;
      packCentred(setAt, centreAt, packedAt, rows, width);
      for (let p = 0; p < panels; p++) addProducts(packedAt + p * rows * PANEL_ROW, packedAt, outAt + 8 * p * PANEL * width, p + 1, rows, rows * PANEL_ROW, 8 * width);
    }
    const mean = sums.slice(0, columns).map((sum) => sum / n);
    const products = new Float64Array(buffer, outAt, width * width).slice();
    const missed = mean.map((m, j) => m - centre[j]!);
    for (let i = 0; i < columns; i++) {
      const scaled = n * missed[i]!;
      for (let j = 0; j <= i; j++) products[i * width + j]! -= scaled * missed[j]!;
    }
    return { mean, products, pitch: width };
  });
}

/** aᵀ b [aColumns, bColumns] for a [rows, aColumns], b [rows, bColumns]. */
export function transposedProduct(a: Float64Array, aColumns: number, b: Float64Array, bColumns: number): Float64Array | undefined {
  const rows = a.length / aColumns;
  const [aWidth, bWidth] = [padded(aColumns), padded(bColumns)];
  return withRoom([8 * rows * aWidth, 8 * rows * bWidth, 8 * aWidth * bWidth], ({ memory: { buffer }, addProducts }, addresses) => {
    const [aAt, bAt, outAt] = addresses as [number, number, number];
    pack(a, aColumns, new Float64Array(buffer, aAt, rows * aWidth));
    pack(b, bColumns, new Float64Array(buffer, bAt, rows * bWidth));
    for (let first = 0; first < rows; first += BLOCK) {
      const here = Math.min(BLOCK, rows - first);
      const from = first * PANEL_ROW;
      for (let p = 0; p < aWidth / PANEL; p++) {
        addProducts(aAt + p * rows * PANEL_ROW + from, bAt + from, outAt + 8 * p * PANEL * bWidth, bWidth / PANEL, here, rows * PANEL_ROW, 8 * bWidth);
      }
    }
    const out = new Float64Array(buffer, outAt, aWidth * bWidth);
    const product = new Float64Array(aColumns * bColumns);
    for (let i = 0; i < aColumns; i++) product.set(out.subarray(i * bWidth, i * bWidth + bColumns), i * bColumns);
    return product;
  });
}

/** Panels of four columns, as the kernel reads them. */
function pack(matrix: Float64Array, columns: number, to: Float64Array): void {
  const rows = matrix.length / columns;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) to[((j >> 2) * rows + i) * PANEL + (j & 3)] = matrix[i * columns + j]!;
  }
}
