import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { runToEnd } from '../../src/launch/run-to-end';

// The job of a real terminal is hit in the millisecond between its fork and its own process group, which no test can aim at; this program dies there for sure.
const PROGRAM = `
const fs = require('node:fs');
const [dir] = process.argv.slice(2);
const starts = fs.existsSync(dir + '/starts') ? Number(fs.readFileSync(dir + '/starts', 'utf8')) : 0;
fs.writeFileSync(dir + '/starts', String(starts + 1));
if (starts === 0) process.kill(process.pid, 'SIGINT');
else fs.writeFileSync(dir + '/events.jsonl', JSON.stringify({ seq: 0, time: 1, type: 'state', state: fs.readFileSync(dir + '/control', 'utf8') === 'stop' ? 'stopped' : 'failed' }) + '\\n');
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
