import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillNormals } from '../../src/core/random/normal';
import { energyDistance } from '../../src/metrics/energy-distance';
import { semidefiniteFactor } from '../../src/metrics/covariance';
import { frechetDistance } from '../../src/metrics/frechet';
import { memoryDistance } from '../../src/metrics/memorised';
import { METRICS } from '../../src/metrics/metrics';
import { METRIC_INFO, METRIC_NAMES, type MetricName } from '../../src/metrics/names';
import { noiseFloor } from '../../src/metrics/noise-floor';
import { projectionDirections, slicedWasserstein } from '../../src/metrics/sliced-wasserstein';
import { sortedFloats } from '../../src/metrics/sort';

const normals = (n: number, dimension: number, item: number, seed = 1): Float32Array => {
  const out = new Float32Array(n * dimension);
  fillNormals(out, 0, out.length, seed, 6, item, 0);
  return out;
};
const distance = (name: MetricName, a: Float32Array, b: Float32Array, dimension: number, seed = 0): number => {
  const metric = METRICS[name];
  const shape = ofPictures(name) ? PICTURE : [dimension];
  return metric.distance(metric.summarise(a, shape, seed), metric.summarise(b, shape, seed));
};
const PICTURE = [11, 11, 1];
const ofPictures = (name: MetricName): boolean => name === 'psnr' || name === 'ssim';
const permuted = (set: Float32Array, dimension: number): Float32Array => {
  const n = set.length / dimension;
  const out = new Float32Array(set.length);
  for (let i = 0; i < n; i++) out.set(set.subarray(i * dimension, (i + 1) * dimension), ((i * 7 + 3) % n) * dimension);
  return out;
};

/** What equal sets have: an estimate without bias has less than 0 for them, as no item of another set is so near. */
const OF_EQUAL_SETS: Partial<Record<MetricName, number>> = { precision: 1, recall: 1, density: 1, coverage: 1, psnr: Infinity, ssim: 1 };
/** Which do not change when samples and reference are exchanged. */
const SYMMETRIC: readonly MetricName[] = ['swd', 'energy', 'frechet', 'frechet-infinity', 'kid', 'pathwise-rmse', 'psnr', 'ssim'];

test.each([
  { metric: 'confident', of: 'that a classifier recognises', values: [0.96, 0.94, 0.2, 1], share: 0.5 },
  { metric: 'memorised', of: 'that are memorised, in percent', values: [0, 0.99, 1, 7], share: 50 },
] as const)('the share of samples $of is of one set alone', ({ metric, values, share }) => {
  const { summarise, distance: of } = METRICS[metric];
  const shareOf = (...numbers: number[]): number => of(summarise(Float32Array.from(numbers), [1], 0), 0);
  expect(shareOf(...values)).toBe(share);
  expect(shareOf(0.96, NaN)).toBeNaN();
  expect(shareOf(0.5, NaN)).toBeNaN();
  expect(() => shareOf()).toThrow(expect.objectContaining({ code: 'NOT_COMPARABLE' }) as Error);
});

test('of n held-out points at distances 1 to n from the training data the 1 % quantile is what counts as memorised', () => {
  // On a line, with one training item at 0 (type 7: 1 + 0.01 (n − 1)).
  const heldOut = Float32Array.from({ length: 201 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i + 1));
  expect(memoryDistance(heldOut, Float32Array.of(0), 1)).toBeCloseTo(3, 12);
});

describe.each(METRIC_NAMES.filter((name) => ['data', 'features'].includes(METRIC_INFO[name].space)))('%s', (name) => {
  const sizes = fc.tuple(fc.integer({ min: 6, max: 30 }), ofPictures(name) ? fc.constant(121) : fc.integer({ min: 1, max: 6 }), fc.nat(1000))
    .map(([n, dimension, item]) => [name === 'frechet-infinity' ? n + 10 * (dimension + 1) : n, dimension, item] as const);
  const { units, better, scale, paired } = METRIC_INFO[name];

  test('of a set with itself is as good as can be, of two sets is worse', () => {
    fc.assert(fc.property(sizes, ([n, dimension, item]) => {
      const a = normals(n, dimension, item);
      const b = normals(n, dimension, item + 1).map((x) => x + 0.4);
      const [own, other] = [distance(name, a, a, dimension), distance(name, a, b, dimension)];
      if (name === 'kid' || name === 'mmd') expect(own).toBeLessThan(0);
      else if (own !== Infinity) expect(own).toBeCloseTo(OF_EQUAL_SETS[name] ?? 0, 6);
      // In one dimension a few samples may lie in every ball.
      if (scale === 'distance' || paired) expect(better === 'lower' ? other - own : own - other).toBeGreaterThan(1e-6);
    }), { numRuns: 15 });
  });

  if (SYMMETRIC.includes(name)) test('is symmetric', () => {
    fc.assert(fc.property(sizes, ([n, dimension, item]) => {
      const [a, b] = [normals(n, dimension, item), normals(n, dimension, item + 1)];
      const there = distance(name, a, b, dimension);
      expect(distance(name, b, a, dimension) / there).toBeCloseTo(1, 6);
    }), { numRuns: 15 });
  });

  // The kernel of KID and the range of pixels have a size of their own.
  if (name !== 'kid' && !ofPictures(name)) test('scales as its unit says, and does not change when both sets are moved', () => {
    const power = units === null ? 0 : units === 'x' ? 1 : 2;
    fc.assert(fc.property(sizes, fc.constantFrom(0.25, 2, 8), fc.constantFrom(-1, 0.5), ([n, dimension, item], factor, shift) => {
      const [a, b] = [normals(n, dimension, item), normals(n, dimension, item + 1).map((x) => x + 0.4)];
      const before = distance(name, a, b, dimension);
      const scaled = distance(name, a.map((x) => x * factor), b.map((x) => x * factor), dimension);
      const moved = distance(name, a.map((x) => x + shift), b.map((x) => x + shift), dimension);
      expect(Math.abs(scaled / factor ** power - before)).toBeLessThan(1e-5 * (1 + Math.abs(before)));
      // Rounding to float32 may move a sample across the border of a ball.
      expect(Math.abs(moved - before)).toBeLessThan(scale === 'level' ? 2.1 / n : 1e-3 * (1 + Math.abs(before)));
    }), { numRuns: 15 });
  });

  // A random subset of another order has other items.
  if (name !== 'frechet-infinity') test('does not care for the order of the items, unless items are paired', () => {
    const dimension = ofPictures(name) ? 121 : 3;
    const [a, b] = [normals(20, dimension, 1), normals(20, dimension, 2)];
    const before = distance(name, a, b, dimension);
    const after = distance(name, permuted(a, dimension), b, dimension);
    if (paired) expect(Math.abs(after - before)).toBeGreaterThan(1e-4);
    else expect(after / before).toBeCloseTo(1, 6);
  });

  test('is not finite when a sample is not, so that no broken model looks good', () => {
    const dimension = ofPictures(name) ? 121 : 3;
    const a = normals(50, dimension, 1);
    const b = normals(50, dimension, 2);
    for (const wrong of [NaN, Infinity, -Infinity]) {
      b[7] = wrong;
      for (const value of [distance(name, a, b, dimension), distance(name, b, a, dimension)]) {
        expect(Number.isFinite(value)).toBe(false);
        if (better === 'higher') expect(value).toBeNaN();
      }
    }
  });

  test('an empty set, or one that has no whole number of items, is NOT_COMPARABLE', () => {
    const notComparable = expect.objectContaining({ code: 'NOT_COMPARABLE' }) as Error;
    const good = normals(50, ofPictures(name) ? 121 : 3, 1);
    for (const wrong of [new Float32Array(0), new Float32Array(7)]) {
      expect(() => distance(name, wrong, good, 3)).toThrow(notComparable);
      expect(() => distance(name, good, wrong, 3)).toThrow(notComparable);
    }
  });
});

test('sets of unequal size have no sliced Wasserstein distance and no pathwise error, but an energy and a Fréchet distance', () => {
  const [a, b] = [normals(10, 2, 1), normals(12, 2, 2)];
  for (const name of ['swd', 'pathwise-rmse'] as const) expect(() => distance(name, a, b, 2)).toThrow(expect.objectContaining({ code: 'NOT_COMPARABLE' }) as Error);
  for (const name of ['energy', 'frechet'] as const) expect(distance(name, a, b, 2)).toBeGreaterThan(0);
});

test('one item has no covariance, hence no Fréchet distance', () => {
  expect(() => frechetDistance(normals(1, 2, 1), normals(5, 2, 2), 2)).toThrow(expect.objectContaining({ code: 'NOT_COMPARABLE' }) as Error);
});

test('a shift by s in one of d dimensions is a Fréchet distance of s², an RMSE of s/√d and, in one dimension, a Wasserstein distance of s', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.double({ min: 0.1, max: 10, noNaN: true }), (dimension, s) => {
    const a = normals(40, dimension, 3);
    const b = a.map((x, i) => (i % dimension === 0 ? x + s : x));
    expect(frechetDistance(a, b, dimension) / s ** 2).toBeCloseTo(1, 4);
    expect((distance('pathwise-rmse', a, b, dimension) * Math.sqrt(dimension)) / s).toBeCloseTo(1, 4);
    if (dimension === 1) expect(slicedWasserstein(a, b, 1) / s).toBeCloseTo(1, 5);
  }));
});

test('stretching one dimension of a set by k is a Fréchet distance of (k − 1)² times that dimension’s variance', () => {
  const a = normals(50, 3, 4).map((x, i) => (i % 3 === 1 ? 0 : x)); // singular: the middle column never moves
  const k = 3;
  const b = a.map((x, i) => (i % 3 === 0 ? k * x : x));
  const column = Array.from({ length: 50 }, (_, i) => a[3 * i]!);
  const mean = column.reduce((sum, x) => sum + x, 0) / 50;
  const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 49;
  expect(frechetDistance(a, b, 3)).toBeCloseTo((k - 1) ** 2 * (variance + mean ** 2), 5);
});

test('L Lᵀ is the covariance, and L has as many columns as the covariance has rank', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(8), fc.nat(100), (dimension, wanted, item) => {
    const rank = Math.min(dimension, wanted);
    const root = normals(dimension, rank, item);
    const product = (x: ArrayLike<number>, columns: number): Float64Array => Float64Array.from({ length: dimension ** 2 }, (_, at) => {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += x[Math.floor(at / dimension) * columns + k]! * x[(at % dimension) * columns + k]!;
      return sum;
    });
    const covariance = product(root, rank);
    const found = semidefiniteFactor(covariance, dimension);
    expect(found.rank).toBe(rank);
    product(found.factor, found.rank).forEach((value, i) => {
      expect(value).toBeCloseTo(covariance[i]!, 10);
    });
  }));
});

test('directions have unit length, point everywhere and depend on the seed; more of them begin with the same', () => {
  const directions = projectionDirections(3, 2000, 5);
  const mean = [0, 0, 0];
  for (let p = 0; p < 2000; p++) {
    const theta = directions.subarray(3 * p, 3 * p + 3);
    expect(Math.hypot(...theta)).toBeCloseTo(1, 14);
    for (let k = 0; k < 3; k++) mean[k]! += theta[k]! / 2000;
  }
  for (const m of mean) expect(Math.abs(m)).toBeLessThan(5 / Math.sqrt(3 * 2000));
  expect(projectionDirections(3, 10, 5)).toEqual(directions.slice(0, 30));
  expect(projectionDirections(3, 10, 6)).not.toEqual(directions.slice(0, 30));
});

test('the energy distance of large sets is that of subsets: equal sets stay at 0, and few items come near many', () => {
  const [a, b] = [normals(3000, 2, 1), normals(3000, 2, 2).map((x) => x + 1)];
  expect(energyDistance(a, a, 2, { maxItems: 200 })).toBe(0);
  const all = energyDistance(a, b, 2, { maxItems: 3000 });
  const few = [1, 2, 3, 4].map((seed) => energyDistance(a, b, 2, { maxItems: 400, seed }));
  expect(new Set(few).size).toBe(4);
  for (const value of few) expect(Math.abs(value / all - 1)).toBeLessThan(0.35);
});

test('floats are sorted as numbers, with −0 before 0 and NaN last, and the input stays', () => {
  const special = fc.constantFrom(-0, 0, NaN, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38);
  fc.assert(fc.property(fc.array(fc.oneof(fc.float(), special), { maxLength: 60 }), (list) => {
    const values = Float32Array.from(list);
    const before = values.slice();
    expect(sortedFloats(values)).toEqual(values.slice().sort());
    expect(values).toEqual(before);
  }));
});

describe('noise floor', () => {
  test('is median and range over all pairs, each once', () => {
    const pairs: string[] = [];
    const floor = noiseFloor([1, 4, 9, 16], (a, b) => {
      pairs.push(`${a}-${b}`);
      return b - a;
    });
    expect(pairs).toEqual(['1-4', '1-9', '1-16', '4-9', '4-16', '9-16']);
    expect(floor).toEqual({ median: 7.5, min: 3, max: 15 });
  });

  test('of equal sets is 0, and fewer than three sets have none', () => {
    const set = normals(10, 2, 1);
    expect(noiseFloor([set, set, set], (a, b) => slicedWasserstein(a, b, 2))).toEqual({ median: 0, min: 0, max: 0 });
    for (const sets of [[], [set], [set, set]]) expect(() => noiseFloor(sets, () => 0)).toThrow(expect.objectContaining({ code: 'NOT_COMPARABLE' }) as Error);
  });

  test('holds a further set of the same law nearly always, and not one that is moved', () => {
    const sets = [1, 2, 3, 4, 5].map((item) => normals(1000, 2, item));
    const swd = (a: Float32Array, b: Float32Array): number => slicedWasserstein(a, b, 2);
    const { max } = noiseFloor(sets, swd);
    const same = normals(1000, 2, 99);
    const moved = same.map((x) => x + 0.3);
    const typical = (set: Float32Array): number => sets.map((s) => swd(set, s)).sort((a, b) => a - b)[2]!;
    expect(typical(same)).toBeLessThan(max);
    expect(typical(moved)).toBeGreaterThan(max);
  });
});
