import { expect, test } from 'vitest';
import { fillNormals } from '../../src/core/random/normal';
import { philox4x32 } from '../../src/core/random/philox';

// Known answers of Random123 (Salmon et al. 2011), file kat_vectors, philox4x32 with 10 rounds: counter, key, output.
const KNOWN = [
  [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
] as const;

test('philox4x32-10 gives the published answers', () => {
  for (const [[c0, c1, c2, c3], [k0, k1], expected] of KNOWN) {
    const out = new Uint32Array(4);
    philox4x32(c0, c1, c2, c3, k0, k1, out);
    expect(Array.from(out)).toEqual([...expected]);
  }
});

test('the first normals of an address do not depend on how many are asked for', () => {
  const long = new Float64Array(784);
  fillNormals(long, 0, 784, 7, 6, 3, 11);
  for (const count of [1, 2, 3, 5, 100]) {
    const short = new Float64Array(count);
    fillNormals(short, 0, count, 7, 6, 3, 11);
    expect(short).toEqual(long.slice(0, count));
  }
});

test('normals have the moments of N(0, 1)', () => {
  const n = 400_000;
  const z = new Float64Array(n);
  for (let item = 0; item < 100; item++) fillNormals(z, item * 4000, 4000, 1, 6, item, 0);
  const moment = (k: number): number => z.reduce((sum, v) => sum + v ** k, 0) / n;
  // Five standard errors of each.
  expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
});
