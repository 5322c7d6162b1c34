/**
 * Standard normals in plain JavaScript: what the numbers are. `normal-kernel.ts` computes the same bits faster; this serves where SIMD is missing, and the
 * tests.
 *
 * A block of four Philox words w0..w3 gives four normals by Box and Muller (1958):
 *   z0 = ρ(w0) cos φ(w1), z1 = ρ(w0) sin φ(w1), z2 = ρ(w2) cos φ(w3), z3 = ρ(w2) sin φ(w3)
 *   ρ(w) = sqrt(−2 ln((w + ½) / 2³²)), φ(w) = 2π (w + ½) / 2³²
 * so that |z| ≤ 6.77. `Math.log`, `Math.sin` and `Math.cos` may differ between engines in the last bit; here ln, sin and cos are made of
 * + − × ÷ sqrt and integer operations, which IEEE 754 fixes to the bit. Coefficients: FreeBSD msun e_log.c, k_sin.c, k_cos.c (Sun
 * Microsystems 1993, freely usable with this notice); errors are of a few units in the last place.
 */
import { philox4x32 } from './philox';

/** 2^(z − 32): brings w + ½ with z leading zeros into [½, 1), or [1, 2) when z counts one more. */
const SCALE = Float64Array.from({ length: 34 }, (_, z) => 2 ** (z - 32));
/** cos and sin of the four quadrants. */
const QUADRANT_COS = Float64Array.of(1, 0, -1, 0);
const QUADRANT_SIN = Float64Array.of(0, 1, 0, -1);
const TWO_POW_MINUS_32 = 1 / 4294967296;
const words = new Int32Array(4); // scratch of one call

export type Floats = Float32Array | Float64Array;

/**
 * Writes the numbers of index 0 … count − 1 at the address (seed, stream, item, step) to `out[offset …]`. A Float32Array gets them rounded. A shorter request
 * gives the first numbers of a longer one.
 * @param seed an integer in [0, 2^53); stream, item and step are taken modulo 2^32.
 */
export type FillNumbers = (out: Floats, offset: number, count: number, seed: number, stream: number, item: number, step: number) => void;

// Coefficients stand inside the functions: bundlers turn a module's constants into variables, which costs a third of the speed.

/**
 * −2 ln((w + ½) / 2³²) for a 32-bit word, in (0, 46]. With (w + ½) / 2³² = m 2^−z, m in [√½, √2), s = (m − 1)/(m + 1):
 * ln m = 2s + s R(s²). No cancellation near 1, so the relative error is small as well.
 */
export function minusTwoLogUniform(word: number): number {
  const LN2_HIGH = 6.93147180369123816490e-1; // its low 20 bits are zero: a product with an integer ≤ 33 is exact
  const LN2_LOW = 1.90821492927058770002e-10;
  const L1 = 6.666666666666735130e-1;
  const L2 = 3.999999999940941908e-1;
  const L3 = 2.857142874366239149e-1;
  const L4 = 2.222219843214978396e-1;
  const L5 = 1.818357216161805012e-1;
  const L6 = 1.531383769920937332e-1;
  const L7 = 1.479819860511658591e-1;
  const leadingZeros = Math.clz32(word);
  // 0xB504F334 / 2³² is √½ rounded up; the sign bit of the difference says, without a branch, that m is below it
  const below = leadingZeros === 32 ? 1 : (((word << leadingZeros) - 0xb504f334) | 0) >>> 31;
  const z = leadingZeros + below;
  const m = ((word >>> 0) + 0.5) * SCALE[z]!;
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  const tail = s2 * (L1 + s2 * (L2 + s2 * (L3 + s2 * (L4 + s2 * (L5 + s2 * (L6 + s2 * L7))))));
  return 2 * (z * LN2_HIGH - (s * (2 + tail) - z * LN2_LOW));
}

/**
 * The pair r cos φ, r sin φ with φ = 2π (w + ½)/2³² to `out[at]` and `out[at + 1]`, the second only if it lies before `end`.
 * With the nearest quadrant taken off φ, the angle left is x in (−π/4, π/4).
 */
function fillTurned(out: Floats, at: number, end: number, r: number, word: number): void {
  const RADIANS = 6.28318530717958647693 / 17179869184; // of an angle counted in 2⁻³⁴ of a turn
  const S1 = -1.66666666666666324348e-1;
  const S2 = 8.33333333332248946124e-3;
  const S3 = -1.98412698298579493134e-4;
  const S4 = 2.75573137070700676789e-6;
  const S5 = -2.50507602534068634195e-8;
  const S6 = 1.58969099521155010221e-10;
  const C1 = 4.16666666666666019037e-2;
  const C2 = -1.38888888888741095749e-3;
  const C3 = 2.48015872894767294178e-5;
  const C4 = -2.75573143513906633035e-7;
  const C5 = 2.08757232129817482790e-9;
  const C6 = -1.13596475577881948265e-11;
  const quadrant = ((word + 0x20000000) | 0) >>> 30;
  const x = ((word << 2) + 2) * RADIANS;
  const x2 = x * x;
  const sin = x + x * x2 * (S1 + x2 * (S2 + x2 * (S3 + x2 * (S4 + x2 * (S5 + x2 * S6)))));
  const cos = 1 - (0.5 * x2 - x2 * x2 * (C1 + x2 * (C2 + x2 * (C3 + x2 * (C4 + x2 * (C5 + x2 * C6))))));
  const quadrantCos = QUADRANT_COS[quadrant]!;
  const quadrantSin = QUADRANT_SIN[quadrant]!;
  out[at] = r * (cos * quadrantCos - sin * quadrantSin);
  if (at + 1 < end) out[at + 1] = r * (sin * quadrantCos + cos * quadrantSin);
}

const turn = new Float64Array(2); // scratch of one call

/** cos 2π (w + ½)/2³² for a 32-bit word. */
export function turnCos(word: number): number {
  fillTurned(turn, 0, 1, 1, word);
  return turn[0]!;
}

/** sin 2π (w + ½)/2³² for a 32-bit word. */
export function turnSin(word: number): number {
  fillTurned(turn, 0, 2, 1, word);
  return turn[1]!;
}

/** `fillNormals` of `normal.ts`. */
export const fillNormalsPlainly: FillNumbers = (out, offset, count, seed, stream, item, step) => {
  const seedHigh = Math.floor(seed * TWO_POW_MINUS_32);
  const end = offset + count;
  let block = 0;
  for (let at = offset; at < end; at += 4, block++) {
    philox4x32(block, step, item, stream, seed, seedHigh, words);
    fillTurned(out, at, end, Math.sqrt(minusTwoLogUniform(words[0]!)), words[1]!);
    if (at + 2 < end) fillTurned(out, at + 2, end, Math.sqrt(minusTwoLogUniform(words[2]!)), words[3]!);
  }
};
