import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillNormals } from '../../src/core/random/normal';
import { centredProductsPlainly } from '../../src/metrics/covariance';
import { centredProducts, transposedProduct } from '../../src/metrics/products';
import { plainRows, withRows, type RowOperations } from '../../src/metrics/rows';
import { nuclearNorm } from '../../src/metrics/singular-values';

const normals = (count: number, seed: number): Float64Array => {
  const z = new Float64Array(count);
  fillNormals(z, 0, count, seed, 1, 0, 0);
  return z;
};
const size = fc.integer({ min: 1, max: 40 });
const seed = fc.integer({ min: 0, max: 1e6 });
const distance = (a: Float64Array, b: Float64Array): number => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), a.length === b.length ? 0 : Infinity);

test('means and products of columns are those of the plain code, whatever the shape', () => {
  fc.assert(fc.property(size, fc.integer({ min: 2, max: 300 }), seed, (columns, n, s) => {
    const set = Float32Array.from(normals(n * columns, s), (x, i) => 3 + (i % columns) + x);
    const [found, expected] = [centredProducts(set, columns)!, centredProductsPlainly(set, columns)];
    expect(distance(found.mean, expected.mean)).toBeLessThan(1e-12);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j <= i; j++) expect(Math.abs(found.products[i * found.pitch + j]! - expected.products[i * columns + j]!)).toBeLessThan(1e-10);
    }
  }));
});

test('products are as exact where the first rows, whose mean is taken off, are unlike the others', () => {
  const [n, columns] = [2000, 5];
  for (const away of [1e3, 1e6]) {
    const set = Float32Array.from(normals(n * columns, 1), (x, i) => x + (i < 128 * columns ? away : 0));
    const [found, expected] = [centredProducts(set, columns)!, centredProductsPlainly(set, columns)];
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j <= i; j++) expect(found.products[i * found.pitch + j]! / expected.products[i * columns + j]! - 1).toBeCloseTo(0, 13);
    }
  }
});

test('a set that is not finite has no finite products', () => {
  for (const bad of [NaN, Infinity]) {
    const { products, pitch } = centredProducts(Float32Array.of(1, bad, 3, 4), 2)!;
    expect(products[pitch + 1]).toBeNaN();
  }
});

test('aᵀ b is the sum over rows', () => {
  fc.assert(fc.property(size, size, fc.integer({ min: 1, max: 200 }), seed, (aColumns, bColumns, rows, s) => {
    const [a, b] = [normals(rows * aColumns, s), normals(rows * bColumns, s + 1)];
    const expected = Float64Array.from({ length: aColumns * bColumns }, (_, at) => {
      const [i, j] = [Math.floor(at / bColumns), at % bColumns];
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += a[row * aColumns + i]! * b[row * bColumns + j]!;
      return sum;
    });
    expect(distance(transposedProduct(a, aColumns, b, bColumns)!, expected)).toBeLessThan(1e-11);
  }));
});

test('operations on rows do the same with SIMD and without', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), seed, (rowFours, countFours, s) => {
    const [rows, count, pitch] = [4 * rowFours, 4 * countFours, 4 * countFours + 4];
    const [u, w, v, f] = [rows * pitch, rows * pitch + rows, rows * pitch + rows + count, rows * pitch + rows + 2 * count];
    const work = (operations: RowOperations): Float64Array => {
      operations.numbers.set(normals(f + 1, s));
      operations.addMultiples(0, pitch, rows, u, w, count);
      operations.reflectRows(0, pitch, rows, u, w, v, f, count);
      return operations.numbers.slice();
    };
    expect(distance(withRows(f + 1, work), work(plainRows(f + 1)))).toBeLessThan(1e-9);
  }));
});

/** Rows reflected at a random direction: leaves singular values as they are. */
function reflected(matrix: Float64Array, columns: number, directionSeed: number): Float64Array {
  const rows = matrix.length / columns;
  const u = normals(rows, directionSeed);
  const squares = u.reduce((sum, x) => sum + x * x, 0);
  return matrix.map((x, at) => {
    let dot = 0;
    for (let i = 0; i < rows; i++) dot += u[i]! * matrix[i * columns + (at % columns)]!;
    return x - (2 * u[Math.floor(at / columns)]! * dot) / squares;
  });
}

const transposed = (matrix: Float64Array, columns: number): Float64Array => matrix.map((_, at) => matrix[(at % (matrix.length / columns)) * columns + Math.floor(at / (matrix.length / columns))]!);

test('the sum of singular values is that which a matrix was made of: of any shape, rank and scale', () => {
  const scale = fc.constantFrom(1e-150, 1e-3, 1, 1e150);
  fc.assert(fc.property(size, fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 40 }), scale, seed, (columns, more, nonzero, unit, s) => {
    const rows = columns + more;
    const values = normals(columns, s).map((x, i) => (i < nonzero ? Math.abs(x) * 10 ** (-i % 12) * unit : 0));
    let matrix: Float64Array = new Float64Array(rows * columns);
    values.forEach((value, i) => { matrix[i * columns + i] = value; });
    for (let turn = 0; turn < 2; turn++) {
      matrix = reflected(matrix, columns, s + turn);
      matrix = transposed(reflected(transposed(matrix, columns), rows, s + 10 + turn), rows);
    }
    const expected = values.reduce((sum, x) => sum + x, 0);
    expect(Math.abs(nuclearNorm(matrix, rows, columns) - expected)).toBeLessThanOrEqual(1e-13 * columns * Math.max(...values));
  }), { numRuns: 300 });
});
