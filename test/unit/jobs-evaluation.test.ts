/** How an evaluation chooses settings, draws sets of data and measures samples. */
import { describe, expect, test } from 'vitest';
import { summary } from '../../src/core/statistics';
import type { Contestant } from '../../src/jobs/contestants';
import { dataSets } from '../../src/jobs/data-sets';
import { openExtractor } from '../../src/jobs/extractors';
import { Judge } from '../../src/jobs/judge';
import { measuresOf, type Measure } from '../../src/jobs/measures';
import { openMemory } from '../../src/jobs/memory';
import { contested, finalists, searchMeasures } from '../../src/jobs/setting-search';
import type { Dataset } from '../../src/data/dataset';
import { loadDataset } from '../../src/data/registry';
import type { MetricName } from '../../src/metrics/names';

const contestant = (sampler: Contestant['choice']['sampler'], steps: number, clamp: boolean): Contestant =>
  ({ choice: { model: 'teacher', weights: 'ema', sampler, steps, grid: 'quad', lowerOrderFinal: true, clamp, brownian: 'shared' }, nfe: steps, depth: null });
const names = (found: readonly Contestant[]): string[] => found.map(({ choice: { sampler, steps, clamp } }) => `${sampler}@${steps}${clamp ? ' clamped' : ''}`);
const measures = (metrics: MetricName[], toData: boolean) => measuresOf({ metrics, toData });

describe('the search of settings', () => {
  const all = [contestant('ddim', 5, false), contestant('ddim', 5, true), contestant('ddim', 10, false), contestant('ddim', 10, true), contestant('sig-deg', 5, false)];

  test('only samplers with several settings are searched, by the first metric of distributions, against all that it is measured against', () => {
    expect(names(contested(all))).toEqual(['ddim@5', 'ddim@5 clamped', 'ddim@10', 'ddim@10 clamped']);
    expect(searchMeasures(measures(['pathwise-rmse', 'frechet', 'swd'], true)).map(({ name }) => name)).toEqual(['frechet', 'frechet-to-data']);
    expect(searchMeasures(measures(['pathwise-rmse'], false)).map(({ name }) => name)).toEqual(['pathwise-rmse']);
  });

  test('the best setting of every step count goes on by each measure, whichever way the metric runs; what has no other is kept', () => {
    const clampedIsLarger = ({ choice: { clamp } }: Contestant): number => (clamp ? 2 : 1);
    expect(names(finalists(all, measures(['frechet'], false), clampedIsLarger))).toEqual(['ddim@5', 'ddim@10', 'sig-deg@5']);
    expect(names(finalists(all, measures(['recall'], false), clampedIsLarger))).toEqual(['ddim@5 clamped', 'ddim@10 clamped', 'sig-deg@5']);
    const otherForData = (c: Contestant, { reference }: { reference: string }): number => (reference === 'data' ? -clampedIsLarger(c) : clampedIsLarger(c)) * (c.choice.steps === 5 ? 1 : 0);
    for (const metric of ['frechet', 'recall'] as const) {
      // Samples that are no numbers any more win nothing, whether they come first or last.
      for (const burst of [false, true]) expect(names(finalists(all.slice(0, 2), measures([metric], false), ({ choice: { clamp } }) => (clamp === burst ? NaN : 1)))).toEqual([burst ? 'ddim@5' : 'ddim@5 clamped']);
    }
    // Where nothing tells which setting is best, all stay.
    expect(finalists(all, measures(['frechet'], false), () => undefined)).toEqual(all);
    expect(names(finalists(all, measures(['frechet'], true), otherForData))).toEqual(['ddim@5', 'ddim@5 clamped', 'ddim@10', 'sig-deg@5']);
  });
});

describe('sets of data', () => {
  const dataset = loadDataset({ name: 'moons', count: 90 }, '.');
  const rows = (set: Float32Array): string[] => Array.from({ length: set.length / 2 }, (_, i) => set.subarray(2 * i, 2 * i + 2).join());

  test('share no item, are random, and follow from the seed', () => {
    const sets = dataSets(dataset, 3, 30, 5);
    expect(new Set(sets.flatMap(rows)).size).toBe(90);
    expect(dataSets(dataset, 3, 30, 5)).toEqual(sets);
    expect(dataSets(dataset, 3, 30, 6)).not.toEqual(sets);
    const first = new Float32Array(60);
    for (let i = 0; i < 30; i++) dataset.fill(first, 2 * i, i);
    expect(rows(sets[0]!)).not.toEqual(rows(first));
  });

  test('of more items than there are are refused', () => {
    expect(() => dataSets(dataset, 3, 31, 5)).toThrow(/evaluation\.toData: expected at most 30 samples a set \(3 sets that share no item of moons, which has 90\), found 31/);
  });
});

describe('what a model has memorised', () => {
  const config = { dataset: { name: 'moons', count: 500 }, baseDir: '.' } as const;
  const dataset = loadDataset(config.dataset, '.');
  const pixels = openExtractor('pixels', dataset, '.');
  const take = (from: Dataset, n: number): Float32Array => {
    const items = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) from.fill(items, 2 * i, i);
    return items;
  };
  const share = (samples: Float32Array): number => {
    const [memorised] = measures(['memorised'], true) as [Measure];
    // The value of a set is that of every other one's seed.
    return new Judge({ itemShape: [2], extractor: pixels, nearness, seed: 0, pairedCount: 1, references: { teacher: [samples, samples] } }).value(memorised, samples, 0);
  };
  const nearness = openMemory(config, dataset, pixels, 0);

  test('is all of training items, one in a hundred of others and nothing of far ones', () => {
    expect(measures(['memorised'], true)).toHaveLength(1);
    expect(share(take(dataset, 400))).toBe(100);
    expect(share(take(loadDataset({ ...config.dataset, split: 'test', count: 50_000 }, '.'), 50_000))).toBeCloseTo(1, 0);
    expect(share(Float32Array.of(50, 50))).toBe(0);
  });

  test('needs data with a split that was held out', () => {
    expect(() => openMemory({ dataset: { name: 'none', shape: [2] }, baseDir: '.' }, dataset, pixels, 0)).toThrow(/'memorised' needs the training data .* found a teacher without data/);
  });
});

describe('a judge', () => {
  const set = (shift: number, seed: number): Float32Array => Float32Array.from({ length: 400 }, (_, i) => Math.sin(12.9898 * (i + 1) * seed) + shift);
  const teacher = [set(0, 1), set(0, 2), set(0, 3)];
  const data = [set(1, 4), set(1, 5), set(1, 6)];
  const doubled = { name: 'doubled', dimension: 2, features: (samples: Float32Array) => samples.map((x) => 2 * x), confidence: (samples: Float32Array) => samples.subarray(0, samples.length / 2).map((x) => (x > 0 ? 1 : 0.5)) };
  const judge = new Judge({ itemShape: [2], extractor: doubled, seed: 0, pairedCount: 100, references: { teacher, data } });
  const [swd, toData] = measures(['swd'], true) as [ReturnType<typeof measuresOf>[number], ReturnType<typeof measuresOf>[number]];

  test('compares with the references of the other seeds, of the teacher or of the data', () => {
    const own = judge.value(swd, teacher[0]!, 0);
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThan(0.2);
    expect(judge.value(toData, teacher[0]!, 0)).toBeGreaterThan(0.8);
    expect(judge.value(toData, data[1]!, 1)).toBeLessThan(0.2);
    expect(judge.floor(toData)!.median).toBeLessThan(0.2);
    // The values of the teacher's three sets are means of the floor's three pairs.
    const { min, max } = judge.floor(swd)!;
    expect(own).toBeGreaterThanOrEqual(min);
    expect(own).toBeLessThanOrEqual(max);
  });

  test('compares a paired error on the same seed, over the first items, and gives it no floor', () => {
    const [rmse] = measures(['pathwise-rmse'], true) as [ReturnType<typeof measuresOf>[number]];
    expect(measures(['pathwise-rmse'], true)).toHaveLength(1);
    expect(judge.value(rmse, teacher[2]!.slice(), 2)).toBe(0);
    const late = teacher[2]!.slice();
    late.fill(9, 200);
    expect(judge.value(rmse, late, 2)).toBe(0);
    expect(judge.floor(rmse)).toBeNull();
  });

  test('looks at features where a metric is of features, and at a classifier’s confidence', () => {
    const [frechet, confident] = measures(['frechet', 'confident'], false) as [ReturnType<typeof measuresOf>[number], ReturnType<typeof measuresOf>[number]];
    const plain = new Judge({ itemShape: [2], extractor: { name: 'pixels', dimension: 2, features: (samples) => samples }, seed: 0, pairedCount: 100, references: { teacher } });
    const moved = set(0.5, 7);
    expect(judge.value(frechet, moved, 0)).toBeCloseTo(4 * plain.value(frechet, moved, 0), 4);
    expect(judge.value(confident, set(10, 8), 0)).toBe(1);
    expect(judge.value(confident, set(-10, 8), 0)).toBe(0);
    // The teacher's own share is its floor.
    const shares = teacher.map((samples) => samples.subarray(0, 200).filter((x) => x > 0).length / 200);
    expect(judge.floor(confident)).toEqual(summary(shares));
  });
});
