import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillNormalRows, fillNormals } from '../../src/core/random/normal';
import { MAX_BLOCKS, NORMAL_MEMORY, normalKernel, type NormalExports } from '../../src/core/random/normal-kernel';
import { fillNormalsPlainly, minusTwoLogUniform, turnCos, turnSin } from '../../src/core/random/normal-reference';
import { fillRowsWithSimd } from '../../src/core/random/normal-simd';
import { instantiate } from '../../src/core/wasm/instantiate';

type Floats = Float32Array | Float64Array;
const bytes = (a: Floats): Buffer => Buffer.from(a.buffer, a.byteOffset, a.byteLength);
const uint32 = fc.integer({ min: 0, max: 0xffffffff });

test('this engine has SIMD: else the other tests here compare the reference with itself', () => {
  expect(fillRowsWithSimd(new Float64Array(8), 0, 8, 1, 1, 2, 3, 4, true)).toBe(true);
});

test.each([Float32Array, Float64Array])('SIMD gives the bits of the plain code in two million numbers (%o)', (Floats) => {
  const [n, pieces] = [250_007, 8];
  for (let piece = 0; piece < pieces; piece++) {
    const [found, expected] = [new Floats(n), new Floats(n)];
    fillNormals(found, 0, n, 2 ** 33 + piece, piece, 0xfffffff0 + piece, 17 * piece);
    fillNormalsPlainly(expected, 0, n, 2 ** 33 + piece, piece, 0xfffffff0 + piece, 17 * piece);
    expect(bytes(found).equals(bytes(expected))).toBe(true);
  }
});

test('rows of any length, along items or steps and past the last address, are those of single calls, and nothing beside them is touched', () => {
  const seeds = fc.oneof(fc.constant(2 ** 53 - 1), fc.integer({ min: 0, max: 2 ** 53 - 1 }));
  const length = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5000 }));
  const address = fc.tuple(uint32, fc.oneof(uint32, fc.constant(0xfffffffe)), fc.oneof(uint32, fc.constant(0xffffffff)));
  fc.assert(fc.property(fc.boolean(), length, fc.integer({ min: 0, max: 300 }), fc.constantFrom('items', 'steps'), seeds, address, (float32, count, wanted, along, seed, [stream, item, step]) => {
    const rows = Math.min(wanted, Math.floor(30_000 / (count + 1)));
    const Floats = float32 ? Float32Array : Float64Array;
    const [found, expected] = [new Floats(rows * count + 8).fill(7), new Floats(rows * count + 8).fill(7)];
    fillNormalRows(found, 3, count, rows, along, seed, stream, item, step);
    for (let row = 0; row < rows; row++) {
      fillNormalsPlainly(expected, 3 + row * count, count, seed, stream, along === 'items' ? item + row : item, along === 'steps' ? step + row : step);
    }
    expect(bytes(found).equals(bytes(expected))).toBe(true);
  }), { numRuns: 200 });
});

test('the transform agrees where its cases meet: zero, powers of two, √½ at every exponent, quadrants', () => {
  const { memory, float32, float64 } = instantiate<NormalExports>(normalKernel())!;
  const near = (centre: number): number[] => Array.from({ length: 9 }, (_, i) => (centre + i - 4) >>> 0);
  const words = Int32Array.from([...Array.from({ length: 33 }, (_, k) => [...near(2 ** k), ...near(0xb504f334 / 2 ** k)]).flat(), ...[1, 3, 5, 7].flatMap((eighth) => near(eighth * 2 ** 29))]);
  for (let begin = 0; begin < words.length; begin += MAX_BLOCKS) {
    const part = words.subarray(begin, begin + MAX_BLOCKS);
    new Int32Array(memory.buffer, NORMAL_MEMORY.plane(0)).set(part);
    new Int32Array(memory.buffer, NORMAL_MEMORY.plane(1)).set(part.toReversed());
    const expected = Float64Array.from({ length: 2 * part.length }, (_, i) => Math.sqrt(minusTwoLogUniform(part[i >> 1]!)) * (i & 1 ? turnSin : turnCos)(part.at(-1 - (i >> 1))!));
    float64(part.length, NORMAL_MEMORY.plane(0), NORMAL_MEMORY.plane(1), NORMAL_MEMORY.numbers, 16);
    expect(new Float64Array(memory.buffer, NORMAL_MEMORY.numbers, expected.length)).toEqual(expected);
    float32(part.length, NORMAL_MEMORY.plane(0), NORMAL_MEMORY.plane(1), NORMAL_MEMORY.numbers, 8);
    expect(new Float32Array(memory.buffer, NORMAL_MEMORY.numbers, expected.length)).toEqual(Float32Array.from(expected));
  }
});
