/** A student that starts from another one's weights: to go on for longer, or for other steps. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { readEvents } from '../../src/store/events';
import { isTrainingLoss } from '../../src/store/loss-names';
import { readManifest } from '../../src/store/run';
import { checkpoints, experiment, failure, flipByte, matching, scratchFolders, weights, type Scratch } from './harness';

const training = { steps: 300, batch: 32, learningRate: 0.004, checkpointEvery: 100, logEvery: 10 };
const first = { ...experiment, students: [{ name: 'first', steps: 2, depth: 2, training }] };
const scratchFolder = scratchFolders(first);

/** Makes the experiment another one. */
const rewrite = (scratch: Scratch, students: object[]): void => { fs.writeFileSync(scratch.file, JSON.stringify({ ...first, students })); };
const losses = (run: string): number[] => readEvents(run).flatMap((event) => (event.type === 'scalar' && isTrainingLoss(event.name) ? [event.value] : []));
const dirOf = (scratch: Scratch, id: string): string => path.join(scratch.runsDir, id);

test('it begins where that one ended, draws other batches, and is found again', async () => {
  const scratch = scratchFolder();
  const origin = (await scratch.distil()).student;
  const gentle = { ...training, learningRate: 1e-9, warmup: 0, ema: 0 };
  rewrite(scratch, [{ name: 'more', steps: [2, 4], depth: 2, from: 'tiny-first', training: { ...gentle, steps: 20 } }]);
  const { student, runs } = await scratch.distil();
  expect(readManifest(dirOf(scratch, student)).parents).toEqual([runs[0]!.id, runs.find(({ kind }) => kind === 'paths')!.id, origin]);
  // At so small a learning rate they stay what they began as: the moving average that is sampled.
  const values = (run: string, file: string): Buffer => fs.readFileSync(path.join(run, 'checkpoints', checkpoints(run).at(-1)!, file));
  const [began, ended] = [values(dirOf(scratch, origin), 'ema.safetensors'), values(dirOf(scratch, student), 'model.safetensors')];
  expect(ended.length).toBe(began.length);
  expect(distance(began, ended)).toBeLessThan(1e-6);
  expect((await scratch.distil()).student).toBe(student);
  // Two that learn nothing, one after the other, have the same weights and the same paths: only their batches tell their losses apart.
  const idle = async (name: string, from: string): Promise<string> => {
    rewrite(scratch, [{ name, steps: 2, depth: 2, from, training: { ...gentle, steps: 50 } }]);
    return (await scratch.distil()).student;
  };
  const one = await idle('one', origin);
  const other = await idle('other', one);
  const [ours, theirs] = [one, other].map((id) => losses(dirOf(scratch, id)));
  expect(ours).toHaveLength(5);
  for (const [i, loss] of ours!.entries()) expect(Math.abs(theirs![i]! / loss - 1)).toBeGreaterThan(1e-4);
});

test('an entry that is only told to go on keeps its name: the same command again makes nothing new, and a change goes on from there', async () => {
  const scratch = scratchFolder();
  const origin = (await scratch.distil()).student;
  const goOn = async (steps: number): Promise<string> => {
    rewrite(scratch, [{ name: 'first', steps: 2, depth: 2, from: 'tiny-first', training: { ...training, steps, checkpointEvery: 20 } }]);
    return (await scratch.distil()).student;
  };
  const student = await goOn(40);
  expect([await goOn(40), scratch.runs('student').length]).toEqual([student, 2]);
  expect(readManifest(dirOf(scratch, student)).parents).toContain(origin);
  expect(readManifest(dirOf(scratch, await goOn(20))).parents).toContain(student);
  // Once begun it needs its origin no more, to go on from its own checkpoint to the same weights.
  const run = dirOf(scratch, student);
  const trained = weights(run);
  fs.rmSync(dirOf(scratch, origin), { recursive: true });
  flipByte(path.join(run, 'checkpoints', checkpoints(run).at(-1)!, 'model.safetensors'));
  expect(await goOn(40)).toBe(student);
  expect(weights(run) === trained).toBe(true);
});

test('a student that does not fit, or is not there, is refused in one line that says what would', async () => {
  const scratch = scratchFolder();
  await scratch.distil();
  const refused = async (entry: object): Promise<unknown> => {
    rewrite(scratch, [{ steps: 2, depth: 2, training, ...entry }]);
    return failure(await scratch.sigdeg('distill', scratch.file));
  };
  expect(await refused({ from: 'tiny-first', depth: 3 })).toMatchObject({ error: 'BAD_CONFIG', message: matching(/students\[0\]\.depth: expected 2, which the student that it starts from has \(.*-tiny-first\), found 3$/) });
  expect(await refused({ from: 'tiny-first', recurrence: 'gru' })).toMatchObject({ error: 'BAD_CONFIG', message: matching(/students\[0\]\.recurrence: expected "shared", which .*, found "gru"$/) });
  expect(await refused({ from: 'tiny-frist' })).toMatchObject({ error: 'NOT_FOUND', message: matching(/students\[0\]\.from: no student «tiny-frist», did you mean «tiny-first»\?/) });
  expect(scratch.runs('student')).toHaveLength(1);
});

/** Largest difference of two files of the same numbers behind the same header. */
function distance(a: Buffer, b: Buffer): number {
  const start = 8 + Number(a.readBigUInt64LE(0));
  let most = 0;
  for (let i = start; i + 4 <= a.length; i += 4) most = Math.max(most, Math.abs(a.readFloatLE(i) - b.readFloatLE(i)));
  return most;
}
