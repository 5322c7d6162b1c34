import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { checkpoints, experiment, failure, LONG, long, matching, scratchFolders, until, weights, type Scratch } from './harness';

const scratch = scratchFolders(long);

const states = (run: string): string[] => [...fs.readFileSync(path.join(run, 'events.jsonl'), 'utf8').matchAll(/"state":"(\w+)"/g)].map(([, state]) => state!);
const stateSeen = (run: string, state: string) => until(() => (states(run).at(-1) === state ? true : undefined), state);
const owner = (run: string): { pid: number; time: number } => JSON.parse(fs.readFileSync(path.join(run, 'lease.json'), 'utf8')) as { pid: number; time: number };

/** Distils until the teacher runs, and pauses it. */
async function paused(s: Scratch): Promise<{ run: string; id: string; done: ReturnType<Scratch['start']>['done'] }> {
  const { done } = s.start('--json', 'distill', s.file);
  const run = await until(() => s.runs('teacher').find((dir) => checkpoints(dir).length > 0), 'a checkpoint');
  const id = path.basename(run);
  expect((await s.sigdeg('pause', id)).code).toBe(0);
  await stateSeen(run, 'paused');
  return { run, id, done };
}

/** Time that a process has computed, in clock ticks. */
function ticks(pid: number): number | undefined {
  try {
    const [user, system] = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()!.split(' ').slice(11, 13).map(Number) as [number, number];
    return user + system;
  } catch {
    return undefined;
  }
}

test('a paused job idles with a living lease and a checkpoint, and goes on to the same weights bit for bit', async () => {
  const reference = scratch();
  await reference.distil();
  const s = scratch();
  const { run, id, done } = await paused(s);
  const step = Number(checkpoints(run).at(-1));
  expect(step).toBeLessThan(LONG);
  const before = { ...owner(run), ticks: ticks(owner(run).pid) };
  await until(() => (owner(run).time > before.time ? true : undefined), 'a heartbeat');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const used = before.ticks === undefined ? 0 : ticks(before.pid)! - before.ticks;
  expect(used).toBeLessThan(30); // of a hundred a second
  expect(Number(checkpoints(run).at(-1))).toBe(step);
  expect(JSON.parse((await s.sigdeg('--json', 'show', id)).stdout)).toMatchObject({ state: 'paused' });
  expect(failure(await s.sigdeg('pause', id))).toMatchObject({ error: 'BAD_USAGE', message: matching(/it is paused/) });
  expect((await s.sigdeg('resume', id)).code).toBe(0);
  expect((await done).code).toBe(0);
  expect(states(run)).toEqual(['running', 'paused', 'running', 'done']);
  expect(weights(run)).toBe(weights(reference.runs('teacher')[0]!));
});

test('a paused job can be stopped, and is resumed later', async () => {
  const s = scratch();
  const { run, id, done } = await paused(s);
  expect((await s.sigdeg('stop', id)).code).toBe(0);
  expect(failure(await done)).toMatchObject({ exit: 130, error: 'INTERRUPTED' });
  expect(states(run)).toEqual(['running', 'paused', 'stopped']);
  expect((await s.sigdeg('resume', id)).code).toBe(0);
  expect(states(run).at(-1)).toBe('done');
});

test('paths of several processes pause together', async () => {
  const s = scratch({ ...experiment, schedule: { fineSteps: 400 }, paths: { count: 200000 } });
  const { done } = s.start('--json', '--processes', '2', 'distill', s.file);
  const run = await until(() => s.runs('paths')[0], 'paths');
  await stateSeen(run, 'running');
  await until(() => (/"progress","step":[1-9]/.test(fs.readFileSync(path.join(run, 'events.jsonl'), 'utf8')) ? true : undefined), 'progress');
  expect((await s.sigdeg('pause', path.basename(run))).code).toBe(0);
  await stateSeen(run, 'paused');
  expect((await s.sigdeg('stop', path.basename(run))).code).toBe(0);
  expect((await done).code).toBe(130);
  expect(states(run)).toEqual(['running', 'paused', 'stopped']);
});
