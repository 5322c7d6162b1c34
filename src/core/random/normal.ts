/**
 * Normal and uniform numbers by address (seed, stream, item, step, index): the same bits on every machine and engine. What they are is in
 * `normal-reference.ts`; SIMD computes them where the engine has it.
 */
import { SigdegError } from '../errors';
import { fillNormalsPlainly, type FillNumbers, type Floats } from './normal-reference';
import { fillRowsWithSimd } from './normal-simd';
import { philox4x32 } from './philox';

const TWO_POW_MINUS_32 = 1 / 4294967296;
const words = new Int32Array(4); // scratch of one call

/** Fewer blocks than this are sooner done in JavaScript than handed to WebAssembly. */
const WORTH_A_CALL = 2;

/** Standard normals. */
export const fillNormals: FillNumbers = (out, offset, count, seed, stream, item, step) => { fillNormalRows(out, offset, count, 1, 'items', seed, stream, item, step); };

/**
 * `fillNormals` for the addresses of `rows` items from `item` on, or steps from `step` on, one row of `count` numbers after the other: much faster than
 * call by call where rows are short.
 */
export function fillNormalRows(
  out: Floats,
  offset: number,
  count: number,
  rows: number,
  along: 'items' | 'steps',
  seed: number,
  stream: number,
  item: number,
  step: number,
): void {
  if (rows * Math.ceil(count / 4) >= WORTH_A_CALL && fillRowsWithSimd(out, offset, count, rows, seed, stream, item, step, along === 'items')) return;
  for (let row = 0; row < rows; row++) fillNormalsPlainly(out, offset + row * count, count, seed, stream, along === 'items' ? item + row : item, along === 'steps' ? step + row : step);
}

const BELOW_ONE = 1 - 2 ** -24;

/** Uniforms in [0, 1): multiples of 2^−32, in a Float32Array rounded but never to 1. */
export const fillUniforms: FillNumbers = (out, offset, count, seed, stream, item, step) => {
  const seedHigh = Math.floor(seed * TWO_POW_MINUS_32);
  for (let index = 0; index < count; index++) {
    if ((index & 3) === 0) philox4x32(index >>> 2, step, item, stream, seed, seedHigh, words);
    out[offset + index] = (words[index & 3]! >>> 0) * TWO_POW_MINUS_32;
    if (out[offset + index] === 1) out[offset + index] = BELOW_ONE;
  }
};

/**
 * A uniform integer in [0, bound), without bias: words at this address that fall into the incomplete last multiple of `bound` are skipped.
 * @param bound an integer in [1, 2^32].
 */
export function uniformInteger(bound: number, seed: number, stream: number, item: number, step: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > 4294967296) {
    throw new SigdegError('INTERNAL', `uniformInteger: expected a bound from 1 to 2^32, found ${bound}`);
  }
  const seedHigh = Math.floor(seed * TWO_POW_MINUS_32);
  const limit = 4294967296 - (4294967296 % bound);
  for (let block = 0; ; block++) {
    philox4x32(block, step, item, stream, seed, seedHigh, words);
    for (const word of words) if (word >>> 0 < limit) return (word >>> 0) % bound;
  }
}
