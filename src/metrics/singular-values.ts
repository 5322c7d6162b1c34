/**
 * Singular values of a dense matrix without its vectors (Golub and Kahan 1965): Householder reflections from both sides leave an upper bidiagonal matrix, whose
 * singular values are the positive eigenvalues of a symmetric tridiagonal one with a zero diagonal; those come from the implicit QL algorithm (EISPACK
 * imtql1; Martin and Wilkinson 1968). Written out because the library at hand keeps rows as arrays of arrays and forms vectors: ten times the time.
 * Each is exact to a few ε of the largest.
 */
import { withRows, type RowOperations } from './rows';

/** The sum of the singular values of a matrix [rows, columns], rows ≥ columns. */
export function nuclearNorm(matrix: Float64Array, rows: number, columns: number): number {
  const largest = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (largest === 0) return 0;
  // Rows are as long as the kernel wants them, plus a cache line, lest all of a column's numbers fall into the same set of the cache.
  const pitch = 4 * Math.ceil(columns / 4) + 8;
  const spare = 4; // rows of zeros below
  const { diagonal, above } = withRows((rows + spare) * pitch + 2 * pitch + rows + spare + 1, (operations) => {
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) operations.numbers[i * pitch + j] = matrix[i * columns + j]! / largest;
    return bidiagonal(operations, rows, columns, pitch, spare);
  });
  const offDiagonal = new Float64Array(2 * columns);
  for (let i = 0; i < columns; i++) {
    offDiagonal[2 * i] = diagonal[i]!;
    offDiagonal[2 * i + 1] = above[i]!;
  }
  // ± each singular value.
  return (largest * tridiagonalEigenvalues(new Float64Array(2 * columns), offDiagonal).reduce((sum, value) => sum + Math.abs(value), 0)) / 2;
}

/**
 * Diagonal and superdiagonal (its last entry 0) of Qᵀ M P for the matrix M at the head of the numbers. After it there are, in this order, spare rows, w and v
 * [pitch each], u [rows + spare] and f.
 */
function bidiagonal({ numbers: x, addMultiples, reflectRows }: RowOperations, rows: number, columns: number, pitch: number, spare: number): { diagonal: Float64Array; above: Float64Array } {
  const diagonal = new Float64Array(columns);
  const above = new Float64Array(columns);
  const w = (rows + spare) * pitch;
  const v = w + pitch;
  const u = v + pitch;
  const f = u + rows + spare;
  for (let k = 0; k < columns; k++) {
    // Columns are visited in fours; w and v are zero before k + 1.
    const begin = 4 * Math.floor((k + 1) / 4);
    const count = pitch - begin;
    const visited = 4 * Math.ceil((rows - k) / 4);
    // From the left: (I − β u uᵀ) makes column k zero below the diagonal; w = −β uᵀ M.
    for (let i = k; i < rows; i++) x[u + i - k] = x[i * pitch + k]!;
    x.fill(0, u + rows - k, u + visited);
    x.fill(0, w, w + pitch);
    diagonal[k] = reflection(x, u, rows - k);
    const beta = scale(diagonal[k]!, x[u]!);
    addMultiples(k * pitch + begin, pitch, visited, u, w + begin, count);
    for (let j = begin; j < pitch; j++) x[w + j] = j <= k ? 0 : -beta * x[w + j]!;
    // Row k comes first: its part beyond k says what is reflected from the right.
    for (let j = k + 1; j < columns; j++) x[k * pitch + j]! += x[u]! * x[w + j]!;
    x.fill(0, v, v + pitch);
    for (let j = k + 1; j < columns; j++) x[v + j] = x[k * pitch + j]!;
    if (k + 1 < columns) above[k] = reflection(x, v + k + 1, columns - k - 1);
    x[f] = k + 1 < columns ? -scale(above[k]!, x[v + k + 1]!) : 0;
    reflectRows((k + 1) * pitch + begin, pitch, rows - k - 1, u + 1, w + begin, v + begin, f, count);
  }
  return { diagonal, above };
}

/** Makes x[at …] the vector of the reflection that leaves only its first entry, which is returned: minus or plus the norm, away from cancellation. */
function reflection(x: Float64Array, at: number, count: number): number {
  let squares = 0;
  for (let i = at; i < at + count; i++) squares += x[i]! * x[i]!;
  const norm = Math.sqrt(squares);
  const left = x[at]! > 0 ? -norm : norm;
  x[at]! -= left;
  return left;
}

/** β of a reflection I − β u uᵀ by what it leaves and the first entry of u; 0 where there was nothing to reflect. */
const scale = (left: number, first: number): number => (left === 0 ? 0 : -1 / (left * first));

/** Eigenvalues, in no order, of the symmetric tridiagonal matrix with this diagonal and, from 0 on, what is beside it; both are destroyed. */
function tridiagonalEigenvalues(d: Float64Array, e: Float64Array): Float64Array {
  const n = d.length;
  e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (;;) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++;
      if (m === l) break;
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.hypot(g, 1);
      g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
      }
      if (r === 0 && i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return d;
}
