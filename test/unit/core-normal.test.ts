import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillNormals, fillUniforms, uniformInteger } from '../../src/core/random/normal';
import { minusTwoLogUniform, turnCos, turnSin } from '../../src/core/random/normal-reference';
import { STREAM } from '../../src/core/random/streams';

type Address = readonly [seed: number, stream: number, item: number, step: number];
const normals = (count: number, ...address: Address): Float64Array => {
  const out = new Float64Array(count);
  fillNormals(out, 0, count, ...address);
  return out;
};
const uint32 = fc.integer({ min: 0, max: 0xffffffff });

/** The 64 bits of a float64. */
const bits = (x: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
};

test('the bits of a few addresses stay what they are: a change here changes every result that users have', () => {
  const addresses: Address[] = [[0, 0, 0, 0], [1, STREAM.sampling, 2, 3], [2 ** 53 - 1, STREAM.signature, 0xffffffff, 0xffffffff]];
  expect(addresses.map((address) => Array.from(normals(5, ...address), bits))).toMatchInlineSnapshot(`
    [
      [
        "3fefb7665e244c60",
        "bfed96d5febb766d",
        "bfe3c373dd530085",
        "bfdeda36346bed2e",
        "bfc3aa6ae345b972",
      ],
      [
        "3fef9737cd452114",
        "bff68a01b2f6ae5e",
        "bff02342b6eea74e",
        "bfd0eafa816fc2f1",
        "bfcbf308cfbcd6fb",
      ],
      [
        "3fe242c7a499719e",
        "bff924b2a5e41748",
        "bfca23022181918c",
        "3fe18b18ce7e5c3a",
        "3ff3088920448905",
      ],
    ]
  `);
  expect(addresses.map((address) => uniformInteger(1000, ...address))).toMatchInlineSnapshot(`
    [
      541,
      327,
      925,
    ]
  `);
});

test('the numbers of the streams stay what they are: they are part of every address', () => {
  expect(STREAM).toMatchObject({ dataset: 2, localPair: 8, pathTraining: 7, projection: 9, sampling: 6, signature: 11, subset: 10, trainingItem: 3, trainingNoise: 5, trainingTime: 4, weights: 1 }); // more may come
});

test('neighbouring seeds, streams, items, steps and indices are uncorrelated, also in their squares', () => {
  const n = 20_000;
  const base = normals(n, 5, 6, 7, 8);
  const others = [normals(n, 6, 6, 7, 8), normals(n, 5 + 2 ** 32, 6, 7, 8), normals(n, 5, 7, 7, 8), normals(n, 5, 6, 8, 8), normals(n, 5, 6, 7, 9), normals(n + 1, 5, 6, 7, 8).slice(1)];
  for (const other of others) {
    let product = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      product += base[i]! * other[i]!;
      squares += (base[i]! ** 2 - 1) * (other[i]! ** 2 - 1);
    }
    expect(Math.abs(product / n)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(squares / n)).toBeLessThan((5 * 2) / Math.sqrt(n));
  }
});

test('no two addresses share their numbers', () => {
  const seen = new Set<string>();
  for (const seed of [0, 1, 2 ** 32]) for (const stream of [0, 1]) for (const item of [0, 1]) for (const step of [0, 1, 0xffffffff]) seen.add(Array.from(normals(4, seed, stream, item, step)).join());
  expect(seen.size).toBe(36);
});

test('float32 gets the float64 numbers rounded, at any offset, and nothing beside them is touched', () => {
  fc.assert(fc.property(uint32, uint32, uint32, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), (seed, item, step, offset, count) => {
    const out = new Float32Array(offset + count + 3).fill(7);
    fillNormals(out, offset, count, seed, 1, item, step);
    const expected = new Float32Array(offset + count + 3).fill(7);
    expected.set(normals(count, seed, 1, item, step), offset);
    expect(out).toEqual(expected);
  }));
});

test('normals are finite for every word: the largest is 6.77', () => {
  for (const word of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
    expect(minusTwoLogUniform(word | 0)).toBeCloseTo(-2 * Math.log((word + 0.5) / 2 ** 32), 13);
  }
  expect(Math.sqrt(minusTwoLogUniform(0))).toBeCloseTo(6.764, 3);
});

test('logarithm, sine and cosine agree with Math to a few units in the last place', () => {
  fc.assert(fc.property(uint32, (word) => {
    const log = -2 * Math.log1p((word + 0.5) / 2 ** 32 - 1);
    expect(Math.abs(minusTwoLogUniform(word) - log) / log).toBeLessThan(1e-15);
    const angle = (2 * Math.PI * (word + 0.5)) / 2 ** 32;
    expect(Math.abs(turnCos(word) - Math.cos(angle))).toBeLessThan(2e-15); // angle itself is rounded to 4e-16
    expect(Math.abs(turnSin(word) - Math.sin(angle))).toBeLessThan(2e-15);
  }), { numRuns: 2000 });
});

test('uniforms lie in [0, 1), in float32 too, and fill it evenly', () => {
  const n = 100_000;
  const out = new Float32Array(n);
  fillUniforms(out, 0, n, 3, 1, 0, 0);
  const counts = new Array<number>(20).fill(0);
  expect(out.every((u) => u >= 0 && u < 1)).toBe(true);
  for (const u of out) counts[Math.floor(u * 20)]!++;
  const chiSquared = counts.reduce((sum, count) => sum + (count - n / 20) ** 2 / (n / 20), 0);
  expect(chiSquared).toBeLessThan(19 + 5 * Math.sqrt(38));
});

test('a uniform integer lies in its range, and bound 1 leaves only 0', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 32 }), uint32, uint32, (bound, seed, item) => {
    const value = uniformInteger(bound, seed, 3, item, 0);
    expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
    expect(uniformInteger(1, seed, 3, item, 0)).toBe(0);
  }));
});

test('uniform integers are unbiased even where a remainder would favour the lower third', () => {
  // 2³² mod 3·2³⁰ = 2³⁰: a plain remainder lands below 2³⁰ half of the time.
  const n = 30_000;
  let low = 0;
  for (let item = 0; item < n; item++) if (uniformInteger(3 * 2 ** 30, 1, 3, item, 0) < 2 ** 30) low++;
  expect(Math.abs(low / n - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / n));
});

test('uniform integers hit every value of a small range equally often', () => {
  const n = 60_000;
  const counts = new Array<number>(6).fill(0);
  for (let item = 0; item < n; item++) counts[uniformInteger(6, 2, 3, item, 1)]!++;
  const chiSquared = counts.reduce((sum, count) => sum + (count - n / 6) ** 2 / (n / 6), 0);
  expect(chiSquared).toBeLessThan(5 + 5 * Math.sqrt(10));
});

test('a bound that is no count is refused', () => {
  for (const bound of [0, -1, 1.5, NaN, 2 ** 32 + 1]) expect(() => uniformInteger(bound, 0, 0, 0, 0)).toThrow(/expected a bound/);
});
