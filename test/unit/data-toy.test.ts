import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATASET_NAMES, loadDataset } from '../../src/data/registry';

const TOYS = ['8-gaussians', 'checkerboard', 'moons', 'swiss-roll', 'pinwheel'] as const;
const load = (name: string, more: object = {}) => loadDataset({ name, ...more }, '.');
const points = (name: string, count: number, more: object = {}): Float32Array => {
  const dataset = load(name, { count, ...more });
  const out = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) dataset.fill(out, 2 * i, i);
  return out;
};

describe.each(TOYS)('%s', (name) => {
  test('is centred near 0 with a root mean square near 1', () => {
    const x = points(name, 20_000);
    expect(x.every(Number.isFinite)).toBe(true);
    const mean = (axis: number): number => x.reduce((sum, v, i) => sum + (i % 2 === axis ? v : 0), 0) / (x.length / 2);
    for (const axis of [0, 1]) expect(Math.abs(mean(axis))).toBeLessThan(5 / Math.sqrt(x.length / 2));
    expect(Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)).toBeCloseTo(1, 1);
  });

  test('gives the same point whatever the order, the count and what was read before', () => {
    const expected = points(name, 100);
    fc.assert(fc.property(fc.array(fc.nat(99), { maxLength: 30 }), fc.integer({ min: 100, max: 5000 }), (order, count) => {
      const dataset = load(name, { count });
      const out = new Float32Array(4).fill(9);
      for (const index of order) {
        dataset.fill(out, 1, index);
        expect(Array.from(out)).toEqual([9, expected[2 * index], expected[2 * index + 1], 9]);
      }
    }), { numRuns: 30 });
  });

  test('differs between seeds and between splits', () => {
    const sets = [points(name, 50), points(name, 50, { seed: 1 }), points(name, 50, { split: 'test' })];
    for (const [a, b] of [[0, 1], [0, 2], [1, 2]] as const) {
      for (let i = 0; i < 100; i += 2) expect([sets[a]![i], sets[a]![i + 1]]).not.toEqual([sets[b]![i], sets[b]![i + 1]]);
    }
  });

  test('an item outside is a RangeError and writes nothing', () => {
    const dataset = load(name, { count: 10 });
    const out = new Float32Array(2).fill(5);
    for (const index of [-1, 10, 0.5, NaN]) expect(() => dataset.fill(out, 0, index)).toThrow(RangeError);
    expect(Array.from(out)).toEqual([5, 5]);
  });

  test('a path or an empty count is BAD_CONFIG', () => {
    const bad = expect.objectContaining({ code: 'BAD_CONFIG' }) as Error;
    expect(() => load(name, { path: 'x' })).toThrow(bad);
    for (const count of [0, -1, 1.5]) expect(() => load(name, { count })).toThrow(bad);
  });
});

test('8 gaussians: every point lies by one of eight centres, and each has about an eighth', () => {
  const x = points('8-gaussians', 8000);
  const counts = new Array<number>(8).fill(0);
  for (let i = 0; i < x.length; i += 2) {
    const angle = Math.atan2(x[i + 1]!, x[i]!);
    counts[Math.round((angle / (2 * Math.PI)) * 8 + 8) % 8]!++;
    const nearest = (Math.round((angle / (2 * Math.PI)) * 8) * 2 * Math.PI) / 8;
    expect(Math.hypot(x[i]! - 1.4 * Math.cos(nearest), x[i + 1]! - 1.4 * Math.sin(nearest))).toBeLessThan(0.6);
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(875));
});

test('checkerboard: points fall on the eight black fields only, evenly', () => {
  const x = points('checkerboard', 8000);
  const counts = new Map<string, number>();
  const unit = Math.sqrt(3) / 2;
  for (let i = 0; i < x.length; i += 2) {
    const field = [Math.floor(x[i]! / unit), Math.floor(x[i + 1]! / unit)] as const;
    expect(Math.abs(field[0] + field[1]) % 2).toBe(0);
    counts.set(field.join(), (counts.get(field.join()) ?? 0) + 1);
  }
  expect(counts.size).toBe(8);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(875));
});

test('an unknown name lists all names', () => {
  expect(() => load('nope')).toThrow(expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringContaining(DATASET_NAMES.join(', ')) as unknown }) as Error);
});

test('the class of a toy point is the part of the set that it was drawn from', () => {
  const { classes, label } = load('8-gaussians');
  expect(classes).toHaveLength(8);
  const x = points('8-gaussians', 500);
  for (let i = 0; i < 500; i++) expect(label!(i)).toBe((Math.round(Math.atan2(x[2 * i + 1]!, x[2 * i]!) / (Math.PI / 4)) + 8) % 8);
  expect([load('moons').classes, load('checkerboard').classes]).toEqual([['outer', 'inner'], undefined]);
});
