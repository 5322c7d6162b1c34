import { describe, expect, test } from 'vitest';
import { fillNormals, fillUniforms } from '../../src/core/random/normal';
import { mean, median, quantile } from '../../src/core/statistics';
import { energyDistance } from '../../src/metrics/energy-distance';
import { frechetDistance } from '../../src/metrics/frechet';
import { slicedWasserstein } from '../../src/metrics/sliced-wasserstein';
import { fixture } from './fixture';

type Address = [seed: number, stream: number, item: number, step: number];

test("normals equal Box and Muller's formula in numpy's float64 and uniforms are the Philox words", () => {
  const { addresses } = fixture('random.json') as { addresses: { address: Address; words: number[]; normals: number[] }[] };
  for (const { address, words, normals } of addresses) {
    const z = new Float64Array(8);
    const u = new Float64Array(8);
    fillNormals(z, 0, 8, ...address);
    fillUniforms(u, 0, 8, ...address);
    expect(Array.from(u, (x) => x * 2 ** 32)).toEqual(words);
    for (let i = 0; i < 8; i++) expect(Math.abs(z[i]! - normals[i]!)).toBeLessThan(4e-15);
  }
});

test("median, mean and quantiles are numpy's", () => {
  const { cases } = fixture('statistics.json') as { cases: { values: number[]; median: number; mean: number; quantiles: { q: number; value: number }[] }[] };
  for (const { values, quantiles, ...expected } of cases) {
    expect(median(values)).toBeCloseTo(expected.median, 14);
    expect(mean(values)).toBeCloseTo(expected.mean, 14);
    for (const { q, value } of quantiles) expect(quantile(values, q)).toBeCloseTo(value, 14);
  }
});

interface Case { name: string; dimension: number; a: number[]; b: number[]; energy: number; frechetExact: number; frechetScipy?: number; slicedWasserstein?: number }

describe('distances between sample sets', () => {
  const { projections, seed, cases } = fixture('distances.json') as { projections: number; seed: number; cases: Case[] };
  const sets = ({ a, b }: Case): [Float32Array, Float32Array] => [Float32Array.from(a), Float32Array.from(b)];
  const relative = (found: number, expected: number): number => Math.abs(found - expected) / Math.abs(expected);

  test.each(cases.filter((c) => c.slicedWasserstein !== undefined))("sliced Wasserstein is POT's on the same directions: $name", (c) => {
    expect(relative(slicedWasserstein(...sets(c), c.dimension, { projections, seed }), c.slicedWasserstein!)).toBeLessThan(1e-7); // ours sorts float32 projections
  });

  test.each(cases)("energy distance is dcor's: $name", (c) => {
    expect(relative(energyDistance(...sets(c), c.dimension), c.energy)).toBeLessThan(1e-12);
  });

  test.each(cases)('Fréchet distance is that of 60 digits: $name', (c) => {
    expect(relative(frechetDistance(...sets(c), c.dimension), c.frechetExact)).toBeLessThan(1e-8);
  });

  test.each(cases.filter((c) => c.frechetScipy !== undefined))("Fréchet distance is scipy's with sqrtm: $name", (c) => {
    expect(relative(frechetDistance(...sets(c), c.dimension), c.frechetScipy!)).toBeLessThan(1e-10);
  });
});
