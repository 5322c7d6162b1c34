import fc from 'fast-check';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { writeLastWords } from '../../src/store/last-words';
import { readRun } from '../../src/store/run';
import { openRunIndex, type RunIndexOptions } from '../../src/store/run-index';
import { RunStatusReader } from '../../src/store/run-status';
import { eventLines, evaluationRow, makeRun, makeRuns } from '../bench/make-runs';

let runsDir: string;
let open: ReturnType<typeof openRunIndex>[] = [];
const index = (options: RunIndexOptions = { pollMs: 50, sweepMs: 100 }): ReturnType<typeof openRunIndex> => {
  open.push(openRunIndex(runsDir, options));
  return open.at(-1)!;
};
const own = (id: string): void => { fs.writeFileSync(path.join(runsDir, id, 'lease.json'), JSON.stringify({ host: os.hostname(), pid: process.pid, time: Date.now(), owner: 'test' })); };
const events = (id: string): string => path.join(runsDir, id, 'events.jsonl');

beforeEach(() => { runsDir = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-index-')), 'runs'); });
afterEach(() => {
  for (const each of open) each.close();
  open = [];
  fs.rmSync(path.dirname(runsDir), { recursive: true });
});

test('all runs are known once it is ready, newest first, as a reading of each says', async () => {
  const ids = makeRuns(runsDir, 50);
  const runs = index();
  await runs.ready;
  expect(runs.all().map(({ id }) => id)).toEqual(ids.reverse());
  for (const run of runs.all()) expect(run).toEqual(readRun(run.dir));
  const evaluation = runs.all().find(({ kind }) => kind === 'evaluation')!;
  expect(runs.rows(evaluation.id)).toHaveLength(18);
  expect(runs.rows('no such run')).toEqual([]);
});

test('a run that goes on is heard of, and only what it appended is read', async () => {
  const id = makeRun(runsDir, { kind: 'teacher', name: 'a' }, [{ type: 'state', state: 'running' }, ...Array.from({ length: 2000 }, (_, step) => ({ type: 'progress' as const, step, steps: 5000 }))]);
  own(id);
  const runs = index();
  expect(runs.get(id)).toMatchObject({ state: 'running', step: 1999, steps: 5000 });
  const heard = new Set<string>();
  runs.onChange((ids) => { ids.forEach((each) => heard.add(each)); });
  const before = runs.bytesRead;
  const text = eventLines([{ type: 'scalar', name: 'train.loss', step: 2500, value: 0.25 }, { type: 'image', name: 'samples', step: 2500, path: 'samples/2500.png' }, { type: 'progress', step: 2500, steps: 5000, phase: 'train' }], 2001);
  for (const half of [text.slice(0, 130), text.slice(130)]) {
    fs.appendFileSync(events(id), half);
    await vi.waitFor(() => { expect(runs.bytesRead - before).toBeGreaterThanOrEqual(half.length); });
  }
  await vi.waitFor(() => { expect(runs.get(id)).toMatchObject({ step: 2500, loss: { value: 0.25 }, image: { path: 'samples/2500.png' }, phase: 'train' }); });
  await vi.waitFor(() => { expect(heard).toEqual(new Set([id])); });
  expect(runs.bytesRead - before).toBe(text.length);
});

test('a run whose owner is gone is lost, and comes back when somebody resumes it', async () => {
  const id = makeRun(runsDir, { kind: 'teacher', name: 'a' }, [{ type: 'state', state: 'running' }]);
  own(id);
  const runs = index();
  expect(runs.get(id)?.state).toBe('running');
  fs.rmSync(path.join(runsDir, id, 'lease.json'));
  await vi.waitFor(() => { expect(runs.get(id)).toMatchObject({ state: 'lost', error: { code: 'RUN_LOST', message: expect.stringContaining('resume') as string } }); });
  // The one that waited for it tells how it ended, and is heard once.
  const heard: string[] = [];
  runs.onChange((ids) => { heard.push(...ids); });
  writeLastWords(path.join(runsDir, id), { code: 'RUN_LOST', message: 'ended by SIGKILL', lines: ['first', 'last'] });
  await vi.waitFor(() => { expect(runs.get(id)?.error).toEqual({ code: 'RUN_LOST', message: 'ended by SIGKILL', lines: ['first', 'last'] }); });
  await vi.waitFor(() => { expect(heard).toEqual([id]); });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(heard).toEqual([id]);
  own(id);
  fs.appendFileSync(events(id), eventLines([{ type: 'state', state: 'running' }], 1));
  await vi.waitFor(() => { expect(runs.get(id)?.state).toBe('running'); });
});

test('the first run of a folder that is not there yet is heard of at once, without waiting for a sweep', async () => {
  const nested = path.join(runsDir, 'work', '.sigdeg', 'runs');
  fs.mkdirSync(path.join(runsDir, 'work'), { recursive: true });
  // As the editor asks: the next sweep is seconds away.
  const runs = openRunIndex(nested);
  open.push(runs);
  const heard = new Promise<void>((resolve) => runs.onChange(() => { resolve(); }));
  expect(runs.all()).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const begun = performance.now();
  const id = makeRun(nested, { kind: 'teacher', name: 'a' }, []);
  await heard;
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(runs.all().map((run) => run.id)).toEqual([id]);
});

test('runs that come late, in a folder that comes late, and go, are heard of', async () => {
  const runs = index();
  const heard: string[] = [];
  runs.onChange((ids) => { heard.push(...ids); });
  expect(runs.all()).toEqual([]);
  fs.mkdirSync(path.join(runsDir, 'half-written'), { recursive: true });
  const id = makeRun(runsDir, { kind: 'teacher', name: 'a' }, []);
  await vi.waitFor(() => { expect(runs.all().map((run) => run.id)).toEqual([id]); });
  makeRun(runsDir, { kind: 'teacher', name: 'b', id: 'half-written' }, []);
  await vi.waitFor(() => { expect(runs.get('half-written')?.state).toBe('queued'); });
  fs.rmSync(path.join(runsDir, id), { recursive: true });
  await vi.waitFor(() => { expect(runs.get(id)).toBeUndefined(); });
  fs.rmSync(runsDir, { recursive: true });
  await vi.waitFor(() => { expect(runs.all()).toEqual([]); });
  makeRun(runsDir, { kind: 'teacher', name: 'c', id: 'again' }, []);
  await vi.waitFor(() => { expect(runs.get('again')).toBeDefined(); });
  await vi.waitFor(() => { expect(new Set(heard)).toEqual(new Set([id, 'half-written', 'again'])); });
});

test('without the system\'s messages the polls alone find an old run that was resumed', async () => {
  const ids = makeRuns(runsDir, 80);
  const runs = index();
  await runs.ready;
  fs.appendFileSync(events(ids[0]!), eventLines([{ type: 'state', state: 'stopped' }], 900));
  await vi.waitFor(() => { expect(runs.get(ids[0]!)?.state).toBe('stopped'); });
});

test('what cannot be read is told apart from what is no run, and read once it is repaired', async () => {
  const id = makeRun(runsDir, { kind: 'teacher', name: 'a' }, []);
  makeRun(runsDir, { kind: 'teacher', name: 'b', id: 'newer', format: 99 }, []);
  fs.writeFileSync(path.join(runsDir, 'notes.txt'), 'no run');
  fs.mkdirSync(path.join(runsDir, 'torn'));
  fs.writeFileSync(path.join(runsDir, 'torn', 'run.json'), '{"format": 1, "id"');
  const runs = index();
  expect(runs.all().map((run) => run.id)).toEqual([id]);
  expect(runs.unreadable().map(({ id: name, code }) => [name, code])).toEqual([['torn', 'BAD_FILE'], ['newer', 'NEWER_VERSION']]);
  makeRun(runsDir, { kind: 'teacher', name: 'b', id: 'torn' }, []);
  await vi.waitFor(() => { expect(runs.get('torn')).toBeDefined(); });
  expect(runs.unreadable().map((each) => each.id)).toEqual(['newer']);
});

test('an evaluation\'s rows are followed', () => {
  const row = evaluationRow({ run: 't', sampler: 'ddim', steps: 5, value: 1 });
  const id = makeRun(runsDir, { kind: 'evaluation', name: 'a' }, [{ type: 'eval', row }]);
  const runs = index();
  expect(runs.rows(id)).toHaveLength(1);
  fs.appendFileSync(events(id), eventLines([{ type: 'eval', row: { ...row, seed: 1 } }], 1));
  expect(runs.rows(id).map(({ seed }) => seed)).toEqual([0, 1]);
});

test('read in whatever pieces, a log says the same as read at once, and each byte is read once', () => {
  const line = fc.oneof(
    fc.record({ type: fc.constant('progress' as const), step: fc.nat(), steps: fc.nat() }),
    fc.record({ type: fc.constant('scalar' as const), name: fc.constantFrom('train.loss', 'seconds'), step: fc.nat(), value: fc.nat() }),
    fc.record({ type: fc.constant('state' as const), state: fc.constantFrom('done' as const, 'stopped' as const) }),
    fc.record({ type: fc.constant('log' as const), level: fc.constant('info' as const), message: fc.string({ unit: 'binary', maxLength: 3000 }) }),
  );
  const dir = path.join(path.dirname(runsDir), 'a');
  fs.mkdirSync(dir);
  fc.assert(fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(), { maxLength: 6 }), (bodies, cuts) => {
    const whole = Buffer.from(eventLines(bodies));
    const places = [0, ...cuts.map((cut) => cut % whole.length).sort((a, b) => a - b), whole.length];
    const file = path.join(dir, 'events.jsonl');
    fs.writeFileSync(file, '');
    const reader = new RunStatusReader(dir);
    reader.read();
    places.slice(1).forEach((end, i) => {
      fs.appendFileSync(file, whole.subarray(places[i], end));
      reader.read();
    });
    expect(reader.bytesRead).toBe(whole.length);
    const { loss: _, ...status } = new RunStatusReader(dir).read();
    expect(reader.read()).toMatchObject(status);
  }), { numRuns: 60 });
});
