import { expect, test } from 'vitest';
import { fineGrid } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { coarseGrid } from '../../src/diffusion/fine-paths';
import type { DistributionTerm } from '../../src/sigdeg/distribution';
import type { PathSet } from '../../src/sigdeg/path-set';
import { Student } from '../../src/sigdeg/student';
import { heldOutTuningObjective, tuningObjective } from '../../src/sigdeg/unrolled';

const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 100, tMin: 1e-3 });
const student = new Student({ net: { kind: 'mlp', width: 8, blocks: 1 }, itemShape: [1], depth: 1, counts: [1, 2], start: 'scratch', recurrence: 'shared' });
/** Paths of one number that stays what it is: the number of the path. */
const setOf = (steps: number, count: number): PathSet => ({
  steps, grid: 'quad', nodes: coarseGrid(fine, steps, 'quad'), depth: 1, itemShape: [1],
  shards: [{
    kind: 'full', count,
    states: { length: count * (steps + 1), read: (from, length) => Float32Array.from({ length }, (_, k) => Math.floor((from + k) / (steps + 1))) },
    xi: { length: count * steps, read: (_, length) => new Float32Array(length) },
  }],
});
const sets = [setOf(1, 5), setOf(2, 5)];
const term = { batch: () => ({}) } as unknown as DistributionTerm;
/** The paths of a batch. */
const pathsOf = ({ states }: ReturnType<ReturnType<typeof tuningObjective>['batch']>): number[] => {
  const { shape, data } = states!;
  return Array.from({ length: shape[0]! }, (_, i) => data[i * shape[1]!]!);
};
const lesson = { student, sets, seed: 3, teacher: undefined };

test('a batch that tunes is of paths that are drawn; without a distribution term it has about as many steps as are asked for', () => {
  const drawn = pathsOf(tuningObjective({ ...lesson, batch: 40 }, term).batch(0));
  expect(drawn).toHaveLength(40);
  expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4]));
  expect([0, 1].map((step) => pathsOf(tuningObjective({ ...lesson, batch: 8 }).batch(step)).length)).toEqual([8, 4]);
});

test('held-out paths come in turn, for each step count, and none twice in a batch', () => {
  const objective = heldOutTuningObjective({ ...lesson, batch: 2 }, term);
  expect([0, 2, 4].map((step) => pathsOf(objective.batch(step)))).toEqual([[0, 1], [2, 3], [4, 0]]);
  expect([1, 3].map((step) => pathsOf(objective.batch(step)))).toEqual([[0, 1], [2, 3]]);
  expect(pathsOf(heldOutTuningObjective({ ...lesson, batch: 64 }, term).batch(0)).sort()).toEqual([0, 1, 2, 3, 4]);
});
