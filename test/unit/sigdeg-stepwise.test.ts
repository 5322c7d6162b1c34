import { expect, test } from 'vitest';
import { fineGrid } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { coarseGrid } from '../../src/diffusion/fine-paths';
import { stepwiseObjective } from '../../src/sigdeg/stepwise';
import type { PathSet } from '../../src/sigdeg/path-set';
import { Student } from '../../src/sigdeg/student';

const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 100, tMin: 1e-3 });
const COUNT = 8;
const DEPTH = 4;
const numbers = (length: number, value: number) => ({ length, read: (from: number, count: number) => new Float32Array(Math.min(count, length - from)).fill(value) });
/** Paths of items of two numbers whose states are all `steps`, with as many terms stored as are read. */
const setOf = (student: Student, steps: number): PathSet => ({
  steps, grid: 'quad', nodes: coarseGrid(fine, steps, 'quad'), depth: student.termsAt(steps), itemShape: [2],
  shards: [{ kind: 'full', count: COUNT, states: numbers(COUNT * (steps + 1) * 2, steps), xi: numbers(COUNT * steps * student.termsAt(steps) * 2, 1) }],
});
const studentFor = (counts: number[]): Student => new Student({ net: { kind: 'mlp', width: 8, blocks: 1 }, itemShape: [2], depth: DEPTH, counts, start: 'scratch', recurrence: 'shared' });

test('a student of one step count is taught without weights, and reads all its terms', () => {
  const student = studentFor([5]);
  const batch = stepwiseObjective({ student, sets: [setOf(student, 5)], batch: 16, seed: 0, teacher: undefined }).batch(0);
  expect(batch['weight']).toBeUndefined();
  expect([...batch['xi']!.data].every((term) => term === 1)).toBe(true);
});

test('one of several step counts weighs them by what a step makes of an error, and reads fewer terms of shorter steps', () => {
  const counts = [1, 20];
  const student = studentFor(counts);
  const objective = stepwiseObjective({ student, sets: counts.map((steps) => setOf(student, steps)), batch: 64, seed: 0, teacher: undefined });
  const { x, weight, drift, xi } = objective.batch(0) as Record<string, { data: Float32Array }>;
  const rows = Array.from({ length: 64 }, (_, i) => ({ steps: x!.data[2 * i]!, weight: weight!.data[i]!, drift: drift!.data[i]!, terms: xi!.data.subarray(2 * DEPTH * i, 2 * DEPTH * (i + 1)).filter((term) => term === 1).length / 2 }));
  const [long, short] = counts.map((steps) => rows.filter((row) => row.steps === steps)) as [typeof rows, typeof rows];
  expect([long.length > 16, short.length > 16]).toEqual([true, true]);
  expect([new Set(long.map((row) => row.weight)).size, new Set(short.map((row) => row.weight)).size]).toEqual([1, 1]);
  expect((long[0]!.weight + short[0]!.weight) / 2).toBeCloseTo(1, 5);
  // The weight is for the whole grid; the rows are some of its steps.
  const meanSquare = short.reduce((sum, row) => sum + row.drift ** 2, 0) / short.length;
  expect(short[0]!.weight / long[0]!.weight / (long[0]!.drift ** 2 / meanSquare)).toBeGreaterThan(0.4);
  expect(short[0]!.weight / long[0]!.weight / (long[0]!.drift ** 2 / meanSquare)).toBeLessThan(2.5);
  expect([new Set(long.map((row) => row.terms)), new Set(short.map((row) => row.terms))]).toEqual([new Set([4]), new Set([3])]);
});

test('early steps count more where that is asked for, with the mean as before; where alpha never changes all count alike', () => {
  const student = studentFor([5]);
  const nodes = coarseGrid(fine, 5, 'uniform-alpha');
  const weightsOf = (set: PathSet): Map<number, number> => {
    const { weight, alpha } = stepwiseObjective({ student, sets: [set], batch: 256, seed: 0, teacher: undefined }, 'early').batch(0) as Record<string, { data: Float32Array }>;
    return new Map(Array.from(alpha!.data, (a, i) => [a, weight!.data[i]!]));
  };
  const byAlpha = [...weightsOf({ ...setOf(student, 5), grid: 'uniform-alpha', nodes })].sort(([a], [b]) => a - b).map(([, weight]) => weight);
  expect(byAlpha).toHaveLength(5);
  expect(byAlpha.reduce((a, b) => a + b, 0) / 5).toBeCloseTo(1, 5);
  byAlpha.slice(1).forEach((weight, n) => { expect(Math.log(byAlpha[n]! / weight)).toBeCloseTo(4.5 * (nodes.alpha[n + 2]! - nodes.alpha[n + 1]!), 4); });
  const exploding = weightsOf({ ...setOf(student, 5), nodes: { ...nodes, alpha: nodes.alpha.map(() => 1) } });
  expect([...exploding.values()]).toEqual([1]);
});
