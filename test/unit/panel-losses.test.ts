import fc from 'fast-check';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LossProvider } from '../../src/extension/panel/loss-provider';
import { reduceCurve, smoothed } from '../../src/extension/panel/reduce';
import { LossReader } from '../../src/store/loss-reader';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-losses-'));
afterAll(() => { fs.rmSync(root, { recursive: true, force: true }); });

const line = (seq: number, step: number, value: unknown, name = 'train.loss'): string =>
  `${JSON.stringify({ seq, time: 1, type: 'scalar', name, step, value })}\n`;
const progress = (seq: number, step: number): string => `${JSON.stringify({ seq, time: 1, type: 'progress', step, steps: 9, phase: 'train' })}\n`;

function runWith(name: string, text: string): string {
  const dir = path.join(root, name);
  fs.mkdirSync(dir);
  fs.writeFileSync(path.join(dir, 'events.jsonl'), text);
  return dir;
}

const curves = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.double({ min: -2, max: 1e6, noNaN: true })), { minLength: 1, maxLength: 400 }).map((points) => {
  let step = 0;
  return { steps: Float64Array.from(points, ([gap]) => (step += gap)), values: Float64Array.from(points, ([, value]) => value), length: points.length };
});

test('the least and the greatest visible value survive, points stay points of the curve in order, and there are few', () => {
  fc.assert(fc.property(curves, fc.integer({ min: 1, max: 40 }), fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), (curve, buckets, [a, b]) => {
    const last = curve.steps[curve.length - 1]!;
    const range = [Math.min(a, b) * last, Math.max(a, b) * last] as const;
    for (const visible of [null, range]) {
      const { steps, values } = reduceCurve(curve, visible, buckets);
      expect(steps.length).toBeLessThanOrEqual(2 * buckets + 2);
      const original = new Map(Array.from(curve.steps, (step, i) => [step, curve.values[i]!]));
      steps.forEach((step, i) => {
        expect(original.get(step)).toBe(values[i]);
        if (i > 0) expect(step).toBeGreaterThan(steps[i - 1]!);
      });
      const inside = Array.from(curve.values).filter((_, i) => visible === null || (curve.steps[i]! >= visible[0] && curve.steps[i]! <= visible[1]));
      for (const extreme of inside.length > 0 ? [Math.min(...inside), Math.max(...inside)] : []) expect(values).toContain(extreme);
      if (visible !== null && curve.steps[0]! < visible[0]) expect(steps[0]).toBeLessThan(visible[0]);
      if (visible !== null && last > visible[1]) expect(steps.at(-1)).toBeGreaterThan(visible[1]);
    }
  }));
});

test('smoothing leaves a constant as it is and starts without bias', () => {
  expect(Array.from(smoothed(Float64Array.of(3, 3, 3), 3, 0.9))).toEqual([expect.closeTo(3, 12), expect.closeTo(3, 12), expect.closeTo(3, 12)]);
  expect(smoothed(Float64Array.of(1, 2), 2, 0.5)[1]).toBeCloseTo((0.5 * 1 + 2) / 1.5, 12);
});

test('losses are followed as they are written; torn lines, other text and numbers that are none are passed over', async () => {
  const dir = runWith('grow', `${line(0, 25, 1)}no json "type":"scalar" x.loss"\n${progress(1, 25)}${line(2, 50, null)}${line(3, 75, 0.5)}${line(4, 100, 0.25).slice(0, 30)}`);
  const reader = new LossReader(dir);
  await Promise.all([reader.catchUp(), reader.catchUp()]);
  expect(reader.tracks.map(({ name, length, steps }) => [name, Array.from(steps.subarray(0, length))])).toEqual([['train.loss', [25, 75]]]);
  fs.appendFileSync(path.join(dir, 'events.jsonl'), line(4, 100, 0.25).slice(30));
  await reader.catchUp();
  expect(reader.tracks[0]!.length).toBe(3);
});

test('a resumed run overwrites what came after its checkpoint; a new or shorter file starts again; a deleted run has none', async () => {
  const dir = runWith('resume', [10, 20, 30, 40].map((step, i) => line(i, step, step)).join(''));
  const reader = new LossReader(dir);
  await reader.catchUp();
  fs.appendFileSync(path.join(dir, 'events.jsonl'), line(4, 25, 7) + line(5, 35, 8));
  await reader.catchUp();
  const [track] = reader.tracks;
  expect(Array.from(track!.steps.subarray(0, track!.length))).toEqual([10, 20, 25, 35]);
  fs.writeFileSync(path.join(dir, 'events.jsonl'), line(0, 1, 1));
  await reader.catchUp();
  expect(reader.tracks[0]!.length).toBe(1);
  fs.rmSync(dir, { recursive: true });
  await reader.catchUp();
  expect(reader.tracks).toEqual([]);
});

test('several runs of 100 000 points: read once, then reduced in little time', async () => {
  const text = Array.from({ length: 100_000 }, (_, i) => line(2 * i, i, 1 / (i + 1)) + progress(2 * i + 1, i)).join('');
  for (const name of ['a', 'b', 'c']) runWith(name, text);
  const provider = new LossProvider(root);
  const ask = { runs: ['a', 'b', 'c', 'gone', '../etc'].slice(0, 4), range: null, buckets: 800, smoothing: 0.9 } as const;
  expect((await provider.series(ask)).map(({ run, points }) => [run, points])).toEqual([['a', 100_000], ['b', 100_000], ['c', 100_000]]);
  const started = performance.now();
  await provider.series({ ...ask, range: [1000, 60_000] });
  expect(performance.now() - started).toBeLessThan(1000);
  await expect(provider.series({ ...ask, runs: ['../etc'] })).rejects.toThrow(/expected the id of a run/);
});

test('with little room the runs asked for longest ago are forgotten and read again', async () => {
  const provider = new LossProvider(root, 10);
  const ask = { runs: ['a', 'b'], range: null, buckets: 10, smoothing: 0 } as const;
  expect((await provider.series(ask)).map(({ points }) => points)).toEqual([100_000, 100_000]);
  expect((await provider.series(ask)).map(({ points }) => points)).toEqual([100_000, 100_000]);
});
