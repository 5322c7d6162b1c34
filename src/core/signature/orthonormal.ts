/**
 * Gram–Schmidt, twice ("twice is enough": Giraud, Langou and Rozložník 2005). Written here because it must run row by row on a basis that
 * grows out of its own rows, and must treat a row that vanishes as absent; a library's QR does neither.
 */

/** Below this part of a unit vector, what is left of a row is rounding. */
const VANISHING = 1e-12;

/**
 * Makes row `row` of the row-major matrix `rows` [· × columns] orthogonal to the rows before it and of unit length; zero if less than 1e-12 is left.
 * @returns the length that was left before it was made one (0 if it vanished).
 */
export function orthonormaliseRow(rows: Float64Array, row: number, columns: number): number {
  const at = row * columns;
  let length = 1;
  for (let pass = 0; pass < 2; pass++) {
    for (let other = 0; other < row; other++) {
      const product = dot(rows, at, rows, other * columns, columns);
      for (let j = 0; j < columns; j++) rows[at + j]! -= product * rows[other * columns + j]!;
    }
    const norm = Math.sqrt(dot(rows, at, rows, at, columns));
    const left = norm * length;
    if (left < VANISHING) {
      rows.fill(0, at, at + columns);
      return 0;
    }
    for (let j = 0; j < columns; j++) rows[at + j]! /= norm;
    length = left;
  }
  return length;
}

/** Σ_j a[atA + j] b[atB + j]. */
export function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, count: number): number {
  let sum = 0;
  for (let j = 0; j < count; j++) sum += a[atA + j]! * b[atB + j]!;
  return sum;
}
