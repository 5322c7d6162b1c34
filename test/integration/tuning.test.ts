/** Tuning through time, with a term that sees how far the student's items are from its teacher's as a set. */
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { checkpoints, experiment, failure, flipByte, matching, scratchFolders, weights } from './harness';

const training = { steps: 600, batch: 128, learningRate: 0.005, logEvery: 50, checkpointEvery: 600 };
const tuning = { steps: 200, batch: 128, learningRate: 0.003, distribution: 10 };
/** One step of one term: it cannot know where its path ends. */
const blind = { steps: 1, depth: 1, start: 'scratch', net: { kind: 'mlp', width: 32, blocks: 2 }, training, previews: false };
const moons = {
  ...experiment,
  dataset: { name: 'moons', count: 2000 },
  schedule: { fineSteps: 16 },
  teacher: { net: { kind: 'mlp', width: 32, blocks: 2 }, training },
  paths: { count: 2048 },
};
const scratchFolder = scratchFolders(moons);

test('a student that averages what it cannot know wins back what averages lack', async () => {
  const scratch = scratchFolder({ ...moons, students: [{ ...blind, name: 'plain' }, { ...blind, name: 'tuned', tuning }] });
  await scratch.distil();
  const { stdout } = await scratch.sigdeg('--json', 'evaluate', 'tiny-plain', 'tiny-tuned', '--n', '1024', '--steps', '1', '--samplers', 'sig-deg', '--metrics', 'swd');
  const { rows } = JSON.parse(stdout) as { rows: { run: string; value: number }[] };
  const [plain, tuned] = ['plain', 'tuned'].map((name) => rows.filter(({ run }) => run.endsWith(name)).map(({ value }) => value)) as [number[], number[]];
  expect([plain.length, tuned.length]).toEqual([3, 3]);
  expect(Math.max(...tuned)).toBeLessThan(0.35 * Math.min(...plain));
}, 120_000);

test('it can follow at once on a student that is there, and goes on after a stop as if there had been none', async () => {
  const scratch = scratchFolder({ ...moons, students: [{ ...blind, name: 'plain', training: { ...training, steps: 40 } }] });
  const { student: origin } = await scratch.distil();
  const straight = { ...blind, name: 'tuned', from: origin, training: { ...training, steps: 0, checkpointEvery: 20 }, tuning: { ...tuning, steps: 40, ema: 0.9 } };
  const only = (students: object[]): string => JSON.stringify(students);
  const { student } = await scratch.distil('--set', `students=${only([straight])}`);
  const run = path.join(scratch.runsDir, student);
  expect(checkpoints(run).map(Number)).toEqual([20, 40]);
  const tuned = weights(run);
  expect(tuned).not.toBe(weights(path.join(scratch.runsDir, origin)));
  flipByte(path.join(run, 'checkpoints', checkpoints(run).at(-1)!, 'model.safetensors'));
  expect((await scratch.distil('--set', `students=${only([straight])}`)).student).toBe(student);
  expect(weights(run)).toBe(tuned);
  for (const [wrong, message] of [
    [{ ...straight, tuning: undefined }, /students\[0\]\.training\.steps: expected an integer ≥ 1 \(0 only beside tuning\), found 0/],
    [{ ...straight, tuning: { ...tuning, batch: 1 } }, /students\[0\]\.tuning\.batch: expected at least 2 paths, since tuning\.distribution compares sets, found 1/],
    [{ ...straight, tuning: { ...tuning, distribution: 0 } }, /students\[0\]\.tuning\.distribution: expected a number > 0, found 0/],
  ] as const) {
    expect(failure(await scratch.sigdeg('distill', scratch.file, '--set', `students=${only([wrong])}`))).toEqual({ exit: 1, error: 'BAD_CONFIG', message: matching(message) });
  }
}, 120_000);
