import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Job } from '../../src/extension/jobs';
import { findNode } from '../../src/extension/jobs/find-node';
import { LocalJobs, type JobsHost } from '../../src/extension/jobs/local-jobs';
import { stoppedText } from '../../src/extension/progress-text';
import { readControl } from '../../src/store/control';
import { EventWriter } from '../../src/store/events';
import { acquireLease } from '../../src/store/lease';
import { createRun } from '../../src/store/run';
import { openRunIndex } from '../../src/store/run-index';

const ends: (() => void)[] = [];
afterEach(() => { for (const end of ends.splice(0)) end(); });

const scratch = (): string => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-jobs-'));
  ends.push(() => { fs.rmSync(dir, { recursive: true, force: true }); });
  return dir;
};

/** Stands for dist/cli.js: says its runs, then does what its last word says. */
const PROGRAM = `
const fs = require('node:fs');
const words = process.argv.slice(2);
const announce = words[words.indexOf('--announce') + 1];
fs.appendFileSync(announce, 'run-1\\n');
const answer = (value) => console.log(JSON.stringify(value));
const what = words.at(-1);
process.on('SIGTERM', () => { answer({ error: { code: 'INTERRUPTED', message: 'stopped' } }); process.exit(130); });
// As the real one: the first signal lets it write a checkpoint, the second ends it.
let signals = 0;
if (what === 'checkpoint') {
  process.removeAllListeners('SIGTERM');
  process.on('SIGTERM', () => { if (++signals > 1) process.exit(1); setTimeout(() => { answer({ saved: true }); process.exit(0); }, 300); });
  setInterval(() => undefined, 1000);
}
if (what === 'fail') { answer({ error: { code: 'NO_DATA', message: 'nothing there' } }); process.exit(1); }
if (what === 'die') { console.error('out of luck'); process.exit(3); }
if (what === 'wait') setInterval(() => { if (fs.existsSync(words.at(-2))) { answer({ waited: true }); process.exit(0); } }, 20);
if (what === 'quick') answer({ words });
if (what === 'count') { fs.appendFileSync(words.at(-2), 'x'); answer({}); }
// A run that begins later, and hears nothing but its control file.
if (what === 'late') {
  process.removeAllListeners('SIGTERM');
  setInterval(() => {
    if (fs.existsSync(words.at(-2)) && !fs.readFileSync(announce, 'utf8').includes('\\n2')) fs.appendFileSync(announce, words.at(-3) + '\\n');
  }, 20);
}
// Deeper than a path may be long: Node cannot delete it.
if (what === 'deep') {
  process.chdir(require('node:path').dirname(announce));
  for (let i = 0; i < 20; i++) { fs.mkdirSync('d'.repeat(250)); process.chdir('d'.repeat(250)); }
  answer({});
}
`;

function jobsIn(dir: string, overrides: Partial<JobsHost> = {}): LocalJobs {
  const cli = path.join(dir, 'cli.js');
  fs.writeFileSync(cli, PROGRAM);
  const runs = openRunIndex(path.join(dir, 'runs'));
  const jobs = new LocalJobs({
    folder: path.join(dir, 'jobs'), runs, trusted: () => true, maxConcurrent: () => 1,
    command: () => Promise.resolve({ node: process.execPath, cli, globals: ['--engine', 'wasm'], cwd: dir }),
    ...overrides,
  });
  ends.push(() => {
    jobs.close(true);
    runs.close();
  });
  return jobs;
}

const start = (jobs: LocalJobs, ...words: string[]): Promise<Job> => jobs.start({ title: words.at(-1)!, words });
const until = async (holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
};

test('a job says its result, its runs, and leaves nothing behind', async () => {
  const dir = scratch();
  const job = await start(jobsIn(dir), 'a b; c', 'quick');
  await job.ended;
  expect(job).toMatchObject({ state: 'done', runs: ['run-1'] });
  const { words } = job.result as { words: string[] };
  expect([words[0], words.slice(1, 3), words.slice(-2)]).toEqual(['--json', ['--engine', 'wasm'], ['a b; c', 'quick']]);
  expect(fs.readdirSync(path.join(dir, 'jobs'))).toEqual([]);
});

test('a failed job says its coded error, one that died its last words', async () => {
  const jobs = jobsIn(scratch(), { maxConcurrent: () => 2 });
  const [failed, died] = [await start(jobs, 'fail'), await start(jobs, 'die')];
  await Promise.all([failed.ended, died.ended]);
  expect(failed).toMatchObject({ state: 'failed', error: 'NO_DATA: nothing there' });
  expect(died).toMatchObject({ state: 'failed', error: expect.stringMatching(/^RUN_LOST: .*status 3.*out of luck/) });
});

test('jobs wait for their turn, in order; one that waits can be taken out, one that runs is stopped', async () => {
  const dir = scratch();
  const jobs = jobsIn(dir);
  const flag = path.join(dir, 'go');
  const [first, second, third] = [await start(jobs, flag, 'wait'), await start(jobs, flag, 'wait'), await start(jobs, 'quick')];
  expect([first.state, second.state, third.state]).toEqual(['running', 'queued', 'queued']);
  jobs.stop(second);
  expect([second.state, stoppedText(second)]).toEqual(['stopped', { text: 'wait: stopped.', action: 'Start again' }]);
  await until(() => first.runs.length > 0);
  jobs.stop(first);
  await first.ended;
  expect([first.state, stoppedText(first)]).toEqual(['stopped', { text: 'wait: stopped; it goes on from its last checkpoint.', action: 'Resume' }]);
  await third.ended;
  expect(third.state).toBe('done');
});

test('a job that is asked to stop for each of its runs has the time to write a checkpoint', async () => {
  const jobs = jobsIn(scratch());
  const job = await start(jobs, 'checkpoint');
  await until(() => job.runs.length > 0);
  for (let i = 0; i < 3; i++) jobs.stop(job);
  await job.ended;
  expect(job.result).toEqual({ saved: true });
});

test('another window finds a job that goes on, and what waited behind it', async () => {
  const dir = scratch();
  const flag = path.join(dir, 'go');
  const before = jobsIn(dir);
  const [running] = [await start(before, flag, 'wait'), await start(before, 'quick')];
  await until(() => running.runs.length > 0);
  before.close(true);
  const after = jobsIn(dir);
  after.adopt();
  expect(after.all.map(({ title, state, runs }) => [title, state, runs])).toEqual([['wait', 'running', ['run-1']], ['quick', 'queued', []]]);
  fs.writeFileSync(flag, '');
  await Promise.all(after.all.map(({ ended }) => ended));
  expect(after.all.map(({ state }) => state)).toEqual(['done', 'done']);
  expect(after.all[0]!.result).toEqual({ waited: true });
});

test('a job that ended while no window was open is told, and a window that must end its jobs stops them', async () => {
  const dir = scratch();
  const before = jobsIn(dir, { command: () => Promise.resolve({ node: process.execPath, cli: path.join(dir, 'cli.js'), globals: [], cwd: dir }) });
  const job = await start(before, path.join(dir, 'never'), 'wait');
  await start(before, 'quick');
  await until(() => job.runs.length > 0);
  before.close(false);
  await job.ended;
  const after = jobsIn(dir);
  after.adopt();
  expect(after.all).toEqual([]);
});

test("an open window's jobs are left to it by others of the same storage until it closes, then the first to look has them", async () => {
  const dir = scratch();
  const [flag, count] = [path.join(dir, 'go'), path.join(dir, 'count')];
  const before = jobsIn(dir);
  const [running] = [await start(before, flag, 'wait'), await start(before, count, 'count')];
  await until(() => running.runs.length > 0);
  const others = [jobsIn(dir), jobsIn(dir)];
  const adopted: Job[] = [];
  for (const other of others) other.adopt((job) => { adopted.push(job); });
  expect(adopted).toEqual([]);
  before.close(true);
  await until(() => adopted.length > 0);
  expect(others.map(({ all }) => all.length).sort()).toEqual([0, 2]);
  fs.writeFileSync(flag, '');
  await Promise.all(adopted.map(({ ended }) => ended));
  expect(adopted.map(({ title, state }) => [title, state])).toEqual([['wait', 'done'], ['count', 'done']]);
  expect(fs.readFileSync(count, 'utf8')).toBe('x');
});

test('what another window took over while this one slept is no failure here, and is not started twice', async () => {
  const dir = scratch();
  const [flag, count] = [path.join(dir, 'go'), path.join(dir, 'count')];
  const before = jobsIn(dir);
  const [running, waiting] = [await start(before, flag, 'wait'), await start(before, count, 'count')];
  await until(() => running.runs.length > 0);
  for (const name of fs.readdirSync(path.join(dir, 'jobs'))) {
    const lease = path.join(dir, 'jobs', name, 'lease.json');
    fs.writeFileSync(lease, JSON.stringify({ ...JSON.parse(fs.readFileSync(lease, 'utf8')) as object, time: Date.now() - 3_600_000 }));
  }
  const after = jobsIn(dir);
  after.adopt();
  expect(after.all).toHaveLength(2);
  fs.writeFileSync(flag, '');
  await Promise.all([running, waiting, ...after.all].map(({ ended }) => ended));
  expect([running.state, ...after.all.map(({ state }) => state)]).toEqual(['done', 'done', 'done']);
  expect(waiting).toMatchObject({ state: 'failed', error: expect.stringMatching(/^RUN_BUSY: another window/) });
  expect(fs.readFileSync(count, 'utf8')).toBe('x');
});

test('a window that must end its jobs also stops those that it took over', async () => {
  const dir = scratch();
  const before = jobsIn(dir);
  const job = await start(before, path.join(dir, 'never'), 'wait');
  await until(() => job.runs.length > 0);
  before.close(true);
  const after = jobsIn(dir);
  after.adopt();
  after.close(false);
  await after.all[0]!.ended;
  expect(after.all[0]!.state).toBe('stopped');
});

test('where there are no signals, a job is stopped at once before it has runs, and later by each run as it begins', async () => {
  const dir = scratch();
  const { manifest, dir: run } = createRun(path.join(dir, 'runs'), { kind: 'teacher', name: 'late', experiment: null, experimentFile: null, config: {}, configHash: '', seed: 0, parents: [], versions: {}, engine: 'wasm' });
  const jobs = jobsIn(dir, { maxConcurrent: () => 2 });
  const flag = path.join(dir, 'go');
  const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
  ends.push(() => { Object.defineProperty(process, 'platform', platform); });
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
  const early = await start(jobs, path.join(dir, 'never'), 'wait');
  jobs.stop(early);
  await early.ended;
  expect(early).toMatchObject({ state: 'stopped', runs: [] });

  const late = await start(jobs, manifest.id, flag, 'late');
  await until(() => late.runs.length === 1);
  jobs.stop(late);
  fs.writeFileSync(flag, '');
  await until(() => late.runs.length === 2);
  expect(readControl(run)).toBeUndefined();
  const lease = acquireLease(run);
  const events = EventWriter.open(run);
  events.append({ type: 'state', state: 'running' });
  events.close();
  await until(() => readControl(run) === 'stop');
  expect(late.state).toBe('running');
  lease.release();
  Object.defineProperty(process, 'platform', platform);
  await late.ended;
});

test('a job that has said its result has ended, whoever has its number now', () => {
  const dir = scratch();
  const folder = path.join(dir, 'jobs', '1-a');
  fs.mkdirSync(folder, { recursive: true });
  const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', folder], { stdio: 'ignore' });
  ends.push(() => { other.kill(); });
  fs.writeFileSync(path.join(folder, 'stdout'), '{"well":true}\n');
  fs.writeFileSync(path.join(folder, 'job.json'), JSON.stringify({ title: 'a', words: [], pid: other.pid }));
  const jobs = jobsIn(dir);
  jobs.adopt();
  expect(jobs.all).toMatchObject([{ state: 'done', result: { well: true } }]);
});

test.skipIf(process.platform === 'win32')('a job whose folder cannot be deleted ends all the same, and the next one has its turn', async () => {
  const dir = scratch();
  const jobs = jobsIn(dir);
  const [deep, next] = [await start(jobs, 'deep'), await start(jobs, 'quick')];
  await Promise.all([deep.ended, next.ended]);
  expect([deep.state, next.state]).toEqual(['done', 'done']);
  expect(fs.readdirSync(path.join(dir, 'jobs'))).toHaveLength(1);
  spawnSync('rm', ['-rf', path.join(dir, 'jobs')]);
});

test('nothing starts from a folder that is not trusted, and nothing without a Node', async () => {
  const dir = scratch();
  await expect(start(jobsIn(dir, { trusted: () => false }), 'quick')).rejects.toMatchObject({ code: 'NO_ACCESS' });
  const none = { setting: '', searchPath: dir, own: { file: '/editor', version: '18.2.0' } };
  await expect(start(jobsIn(dir, { command: async () => { await findNode(none); throw new Error('found'); } }), 'quick')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(fs.existsSync(path.join(dir, 'jobs'))).toBe(false);
});

test('the Node of the setting comes first, then one of the PATH that is new enough, then the editor itself', async () => {
  const dir = scratch();
  const node = (name: string, says: string): string => {
    fs.mkdirSync(path.join(dir, name));
    const file = path.join(dir, name, 'node');
    fs.writeFileSync(file, `#!/bin/sh\necho ${says}\n`, { mode: 0o755 });
    return file;
  };
  const [old, good, set] = [node('old', 'v18.20.0'), node('good', 'v22.1.0'), node('set', 'v20.19.0')];
  const own = { file: '/editor', version: '20.9.0' };
  const searchPath = ['relative', path.dirname(old), path.dirname(good)].join(path.delimiter);
  expect(await findNode({ setting: set, searchPath, own })).toEqual({ file: set, version: '20.19.0', from: 'setting' });
  expect(await findNode({ setting: '', searchPath, own })).toEqual({ file: good, version: '22.1.0', from: 'PATH' });
  expect(await findNode({ setting: '', searchPath: path.dirname(old), own })).toEqual({ ...own, from: 'editor' });
  fs.rmSync(good);
  const left = { setting: '', searchPath, own };
  const another = node('another', 'v24.0.0');
  expect(await findNode(left)).toEqual({ ...own, from: 'editor' });
  expect(await findNode({ ...left, searchPath: path.dirname(another) })).toMatchObject({ file: another });
  fs.rmSync(another);
  expect(await findNode({ ...left, searchPath: path.dirname(another) })).toEqual({ ...own, from: 'editor' });
  await expect(findNode({ setting: old, searchPath, own })).rejects.toThrow(/sigdeg\.nodePath: expected Node 20\.19 or newer at .*found 18\.20\.0/);
  await expect(findNode({ setting: 'node', searchPath, own })).rejects.toThrow(/absolute path/);
});
