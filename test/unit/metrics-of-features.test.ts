import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillNormals } from '../../src/core/random/normal';
import { mean, median } from '../../src/core/statistics';
import { frechetDistance } from '../../src/metrics/frechet';
import { frechetInfinity, gaussiansBySize, intercept } from '../../src/metrics/frechet-infinity';
import { gaussianMmd, gaussianMmdSummary } from '../../src/metrics/gaussian-mmd';
import { kidBetween, kidOnSubsets, kidSummary } from '../../src/metrics/kid';
import { METRICS } from '../../src/metrics/metrics';
import type { MetricName } from '../../src/metrics/names';
import { nearestDistances, neighbourhoods } from '../../src/metrics/neighbours';
import { eachRowBelowDiagonal, eachRowOfProducts, eachRowPlainly, type RowOfProducts } from '../../src/metrics/pair-products';
import { randomIndices } from '../../src/metrics/subset';

const normals = (n: number, dimension: number, item: number): Float32Array => {
  const out = new Float32Array(n * dimension);
  fillNormals(out, 0, out.length, 1, 6, item, 0);
  return out;
};
const value = (name: MetricName, a: Float32Array, b: Float32Array, shape: readonly number[], seed = 0): number =>
  METRICS[name].distance(METRICS[name].summarise(a, shape, seed), METRICS[name].summarise(b, shape, seed));
const notComparable = (text: RegExp): Error => expect.objectContaining({ code: 'NOT_COMPARABLE', message: expect.stringMatching(text) as string }) as Error;

/** Distances as they are defined, [n][m]. */
function distances(a: Float32Array, b: Float32Array, dimension: number): number[][] {
  const items = (set: Float32Array): number[][] => Array.from({ length: set.length / dimension }, (_, i) => [...set.subarray(i * dimension, (i + 1) * dimension)]);
  return items(a).map((x) => items(b).map((y) => Math.hypot(...x.map((value, k) => value - y[k]!))));
}

describe('products of all pairs', () => {
  const matrix = (each: (visit: RowOfProducts) => void, n: number, m: number): Float64Array => {
    const all = new Float64Array(n * m).fill(NaN);
    each((i, products, at, first, count) => {
      for (let j = 0; j < count; j++) {
        expect(all[i * m + first + j]).toBeNaN(); // each pair once
        all[i * m + first + j] = products[at + j]!;
      }
    });
    return all;
  };
  // The largest dimensions take several blocks.
  const shapes = fc.oneof(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 })), fc.constantFrom([90, 70, 2100] as const, [37, 41, 9000] as const));

  test('are those of the plain code to the bit, and below the diagonal half of them', () => {
    fc.assert(fc.property(shapes, ([n, m, dimension]) => {
      const [x, y] = [{ set: normals(n, dimension, 1), dimension }, { set: normals(m, dimension, 2), dimension }];
      expect(matrix((visit) => { eachRowOfProducts(x, y, visit); }, n, m)).toEqual(matrix((visit) => { eachRowPlainly(x, y, false, visit); }, n, m));
      const below = matrix((visit) => { eachRowBelowDiagonal(x, visit); }, n, n);
      expect(below).toEqual(matrix((visit) => { eachRowPlainly(x, x, true, visit); }, n, n));
      below.forEach((product, at) => { expect(Number.isNaN(product)).toBe(at % n >= Math.floor(at / n)); });
    }), { numRuns: 12 });
  });
});

describe('nearest items', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 12 }), fc.nat(1000));

  test('are those of a plain search', () => {
    fc.assert(fc.property(sizes, ([n, m, dimension, item]) => {
      const [a, b] = [normals(n, dimension, item), normals(m, dimension, item + 1)];
      const expected = distances(a, b, dimension).map((row) => Math.min(...row));
      nearestDistances(a, b, dimension).forEach((distance, i) => { expect(distance).toBeCloseTo(expected[i]!, 12); });
    }), { numRuns: 30 });
  });

  test('of a copy is at 0 and of a near copy at its small distance, however far both are from the origin', () => {
    const references = normals(50, 4, 1).map((x) => x + 4096);
    const samples = references.slice(0, 8);
    samples[5]! += 2 ** -11;
    expect([...nearestDistances(samples, references, 4)]).toEqual([0, 2 ** -11]);
  });

  test('tell memorised samples from new ones', () => {
    const training = normals(400, 3, 1);
    const heldOut = median(nearestDistances(normals(200, 3, 2), training, 3));
    expect(median(nearestDistances(training.subarray(0, 600).map((x) => x + 0.001), training, 3))).toBeLessThan(0.05 * heldOut);
    expect(median(nearestDistances(normals(200, 3, 3), training, 3)) / heldOut).toBeCloseTo(1, 0);
  });

  test('of a sample that is not finite are not; empty sets are NOT_COMPARABLE', () => {
    const found = nearestDistances(Float32Array.of(NaN, 0, 1, 1), normals(5, 2, 1), 2);
    expect([Number.isNaN(found[0]), Number.isFinite(found[1])]).toEqual([true, true]);
    for (const [a, b] of [[[], [1]], [[1], []]] as const) expect(() => nearestDistances(Float32Array.from(a), Float32Array.from(b), 1)).toThrow(notComparable(/found 0 numbers/));
  });
});

test('precision, recall, density and coverage are what counting balls gives', () => {
  fc.assert(fc.property(fc.integer({ min: 6, max: 50 }), fc.integer({ min: 6, max: 50 }), fc.integer({ min: 1, max: 5 }), fc.nat(1000), (n, m, dimension, item) => {
    const [a, b] = [normals(n, dimension, item), normals(m, dimension, item + 1).map((x) => 0.7 * x)];
    const across = distances(a, b, dimension);
    const radii = (set: Float32Array, k: number): number[] => distances(set, set, dimension).map((row) => [...row].sort((x, y) => x - y)[k]!);
    const [ballsOfB, ballsOfA, wide] = [radii(b, 3), radii(a, 3), radii(b, 5)];
    expect(value('precision', a, b, [dimension])).toBe(mean(across.map((row) => Number(row.some((d, j) => d <= ballsOfB[j]!)))));
    expect(value('recall', a, b, [dimension])).toBe(mean(wide.map((_, j) => Number(across.some((row, i) => row[j]! <= ballsOfA[i]!)))));
    expect(value('density', a, b, [dimension])).toBeCloseTo(mean(across.map((row) => row.filter((d, j) => d < wide[j]!).length / 5)), 12);
    expect(value('coverage', a, b, [dimension])).toBe(mean(wide.map((radius, j) => Number(Math.min(...across.map((row) => row[j]!)) < radius))));
  }), { numRuns: 20 });
});

test('precision falls where samples are odd, recall and coverage where modes are lost', () => {
  const reference = normals(600, 2, 1).map((x, i) => x + (i < 600 ? 10 : -10));
  const [odd, lost] = [normals(600, 2, 2).map((x, i) => x + (i < 600 ? 10 : 100)), normals(600, 2, 3).map((x) => x + 10)];
  const rounded = (a: Float32Array): string[] => (['precision', 'recall', 'coverage'] as const).map((name) => value(name, a, reference, [2]).toFixed(1));
  expect(rounded(odd)).toEqual(['0.5', '0.5', '0.5']);
  expect(rounded(lost).map(Number).map((x) => x > 0.9)).toEqual([true, false, false]);
});

test('KID and MMD² of two sets of one law are 0 on average, of either sign, and clear of it for another law', () => {
  for (const name of ['kid', 'mmd'] as const) {
    const same = Array.from({ length: 40 }, (_, i) => value(name, normals(60, 3, 2 * i), normals(60, 3, 2 * i + 1), [3]));
    const spread = Math.sqrt(mean(same.map((x) => x * x)));
    expect(Math.abs(mean(same))).toBeLessThan((4 * spread) / Math.sqrt(40));
    expect(Math.min(...same)).toBeLessThan(0);
    expect(Math.max(...same)).toBeGreaterThan(0);
    expect(value(name, normals(60, 3, 1).map((x) => x + 1), normals(60, 3, 2), [3])).toBeGreaterThan(3 * spread);
  }
});

test('random subsets: a seed gives the same number again and another seed another, near that of all items', () => {
  const [a, b] = [normals(1500, 4, 1), normals(1500, 4, 2).map((x) => 1.2 * x)];
  const kid = (seed: number): number => {
    const options = { subsets: 20, subsetSize: 300, seed };
    return kidBetween(kidSummary(a, 4, options), kidSummary(b, 4, options));
  };
  const whole = kidBetween(kidSummary(a, 4, { subsetSize: 1500 }), kidSummary(b, 4, { subsetSize: 1500 }));
  const mmd = (seed: number): number => gaussianMmd(gaussianMmdSummary(a, 4, { maxItems: 600, seed }), gaussianMmdSummary(b, 4, { maxItems: 600, seed }));
  const infinity = (seed: number): number => frechetInfinity(gaussiansBySize(a, 4, seed), gaussiansBySize(b, 4, seed));
  for (const by of [kid, mmd, infinity]) expect([by(1) === by(1), by(1) === by(2)]).toEqual([true, false]);
  expect(kid(1) / whole).toBeCloseTo(1, 0);
  const all = kidOnSubsets(a, 4, [Int32Array.from({ length: 1500 }, (_, i) => 1499 - i)]);
  expect(kidBetween(all, kidSummary(b, 4, { subsetSize: 1500 })) / whole).toBeCloseTo(1, 9);
});

test('sets of different sizes have KID: the larger one in subsets, the smaller one whole', () => {
  const [few, many] = [normals(80, 3, 1).map((x) => x + 1), normals(500, 3, 2)];
  const options = { subsets: 10, subsetSize: 200 };
  const [a, b] = [kidSummary(few, 3, options), kidSummary(many, 3, options)];
  expect([a.subsets.length, b.subsets.length]).toEqual([1, 10]);
  expect([1000, 1500, 12_000].map((n) => kidSummary(new Float32Array(n), 1).subsets.length)).toEqual([1, 15, 100]);
  expect(kidBetween(a, b)).toBe(kidBetween(b, a));
  expect(kidBetween(a, b)).toBeGreaterThan(0);
});

test('subsets are drawn without replacement, every item as often as another', () => {
  const counts = new Float64Array(20);
  for (let draw = 0; draw < 2000; draw++) {
    const indices = randomIndices(20, 5, 3, draw);
    expect(new Set(indices).size).toBe(5);
    for (const i of indices) counts[i]! += 1 / 500;
  }
  for (const count of counts) expect(Math.abs(count - 1)).toBeLessThan(5 * Math.sqrt(0.75 / 500));
});

describe('Fréchet distance at infinity', () => {
  test('has less bias than that of all items: sets of one law are near 0', () => {
    const pairs = Array.from({ length: 8 }, (_, i) => [normals(400, 8, 2 * i), normals(400, 8, 2 * i + 1)] as const);
    const [finite, infinite] = [mean(pairs.map(([a, b]) => frechetDistance(a, b, 8))), mean(pairs.map(([a, b]) => value('frechet-infinity', a, b, [8])))];
    expect(finite).toBeGreaterThan(0.05);
    expect(Math.abs(infinite)).toBeLessThan(0.4 * finite);
  });

  test('is the end of the line', () => {
    expect(intercept([1, 2, 4], [3, 5, 9])).toBeCloseTo(1, 12);
    expect(intercept([1, 2, 3], [NaN, 1, 2])).toBeNaN();
  });
});

test('PSNR and SSIM look at pixels as they are seen, [H, W] or [H, W, C], and say what else they found', () => {
  const [a, b] = [normals(4, 144, 1).map((x) => 3 * x), normals(4, 144, 2)];
  expect(value('psnr', a, b, [12, 12])).toBe(value('psnr', a.map((x) => Math.max(-1, Math.min(1, x))), b, [12, 12, 1]));
  expect(() => value('psnr', a, b, [144])).toThrow(notComparable(/found items of shape \[144\]/));
  expect(() => value('ssim', a, b, [9, 16])).toThrow(notComparable(/at least 11 × 11 pixels for SSIM, found 9 × 16/));
  expect(() => value('ssim', a, b.subarray(144), [12, 12])).toThrow(notComparable(/on the same paths/));
});

test('sets that are too small say how many items are wanted', () => {
  for (const [name, n, dimension, text] of [
    ['kid', 1, 3, /at least 2 items for KID, found 1/], ['mmd', 1, 3, /at least 2 items for MMD, found 1/], ['precision', 3, 2, /at least 4 items for 3 neighbours of each, found 3/],
    ['density', 5, 2, /at least 6 items for 5 neighbours of each, found 5/], ['coverage', 5, 2, /at least 6 items/], ['frechet-infinity', 89, 8, /at least 90 items for .* in 8 dimensions, found 89/],
  ] as const) expect(() => value(name, normals(n, dimension, 1), normals(n, dimension, 2), [dimension])).toThrow(notComparable(text));
  expect(() => value('mmd', normals(6, 2, 1), new Float32Array(12), [2])).toThrow(notComparable(/half of its pairs are equal/));
});

test('the radius of an item among copies of it is 0', () => {
  const set = Float32Array.of(0.1, 0.7, 0.1, 0.7, 0.1, 0.7, 5, 5);
  expect([...neighbourhoods(set, 2, 2).squaredRadii()].map((r) => r > 0)).toEqual([false, false, false, true]);
});
