import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { runToEnd } from '../../src/launch/run-to-end';
import { createRun } from '../../src/store/run';

// The job of a real terminal is hit in the millisecond between its fork and its own process group, which no test can aim at; this program dies there for sure.
const PROGRAM = `
const fs = require('node:fs');
const [dir] = process.argv.slice(2);
const starts = fs.existsSync(dir + '/starts') ? Number(fs.readFileSync(dir + '/starts', 'utf8')) : 0;
fs.writeFileSync(dir + '/starts', String(starts + 1));
if (starts === 0) process.kill(process.pid, 'SIGINT');
// Like a real job it looks for a wish as long as it works: on a busy disk that is written a while after the process has begun.
else while (!fs.existsSync(dir + '/control')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
fs.writeFileSync(dir + '/events.jsonl', JSON.stringify({ seq: 0, time: 1, type: 'state', state: fs.readFileSync(dir + '/control', 'utf8') === 'stop' ? 'stopped' : 'failed' }) + '\\n');
`;

test('a job that Ctrl-C ended before it began is begun once more, finds the wish to stop, and is stopped like any other', async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-early-'));
  const file = path.join(dir, 'program.js');
  fs.writeFileSync(file, PROGRAM);
  const launch = { engine: 'wasm', processes: 1, worker: { file } };
  expect(await runToEnd(dir, launch, { stop: AbortSignal.abort() })).toMatchObject({ state: 'stopped' });
  expect(fs.readFileSync(path.join(dir, 'starts'), 'utf8')).toBe('2');

  // Nobody asked for an end: then it is a death like any other.
  fs.rmSync(path.join(dir, 'starts'));
  fs.rmSync(path.join(dir, 'events.jsonl'));
  expect(await runToEnd(dir, launch, {})).toMatchObject({ state: 'lost', error: { code: 'RUN_LOST' } });
  fs.rmSync(dir, { recursive: true });
});

// Another command has the run while this one's process starts, and has ended when that is told: no test can aim at that either.
const LATE = `
const fs = require('node:fs');
const [dir] = process.argv.slice(2);
const starts = fs.existsSync(dir + '/starts') ? Number(fs.readFileSync(dir + '/starts', 'utf8')) : 0;
fs.writeFileSync(dir + '/starts', String(starts + 1));
if (starts === 0) {
  console.error('RUN_BUSY: the run is executed by process 1');
  process.exitCode = 1;
} else fs.appendFileSync(dir + '/events.jsonl', JSON.stringify({ seq: 1, time: 2, type: 'state', state: 'done' }) + '\\n');
`;

test.each([['done', '1'], ['stopped', '2']])('a run that another command has, and leaves %s before this one can watch it, ends well', async (left, starts) => {
  const runsDir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-late-'));
  const { dir } = createRun(runsDir, { kind: 'paths', name: 'late', experiment: null, experimentFile: null, config: {}, configHash: 'late', seed: 0, parents: [], versions: {}, engine: 'any' });
  const file = path.join(runsDir, 'program.js');
  fs.writeFileSync(file, LATE);
  fs.writeFileSync(path.join(dir, 'events.jsonl'), `${JSON.stringify({ seq: 0, time: 1, type: 'state', state: left })}\n`);
  expect(await runToEnd(dir, { engine: 'wasm', processes: 1, worker: { file } }, {})).toMatchObject({ state: 'done' });
  expect(fs.readFileSync(path.join(dir, 'starts'), 'utf8')).toBe(starts);
  fs.rmSync(runsDir, { recursive: true });
});
