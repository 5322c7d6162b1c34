/** Processes that want the same run at the same instant. The race is begun by a file that all wait for, each spinning, so that they meet within microseconds. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listRuns } from '../../src/store/run';

const RACERS = 4;
const ROUNDS = 5;
const PROGRAM = `
import * as fs from 'node:fs';
import { ensureRun } from './src/launch/ensure';
const [runsDir, go, ready] = process.argv.slice(2);
const planned = { key: 'teacher', kind: 'teacher', name: 'raced', config: { x: 1 }, configHash: 'x', seed: 0, parents: [] };
fs.writeFileSync(ready, '');
while (!fs.existsSync(go));
ensureRun(runsDir, planned as never, [], { experiment: 'raced', experimentFile: null, engine: 'wasm' }).then(({ id, action }) => { process.stdout.write(JSON.stringify({ id, action })); });
`;

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-race-'));
const racer = path.join(dir, 'racer.js');
beforeAll(async () => {
  await build({ stdin: { contents: PROGRAM, resolveDir: process.cwd(), loader: 'ts' }, outfile: racer, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['@tensorflow/*', '@resvg/*', '@fontsource/*'], logLevel: 'error' });
});
afterAll(() => { fs.rmSync(dir, { recursive: true }); });

async function race(round: number): Promise<{ id: string; action: string }[]> {
  const folder = path.join(dir, String(round));
  fs.mkdirSync(folder);
  const [runsDir, go] = [path.join(folder, 'runs'), path.join(folder, 'go')];
  const racers = Array.from({ length: RACERS }, (_, i) => {
    const ready = path.join(folder, `ready-${i}`);
    const child = spawn(process.execPath, [racer, runsDir, go, ready], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { ready, answer: new Promise<string>((resolve) => child.once('close', () => { resolve(text); })) };
  });
  while (!racers.every(({ ready }) => fs.existsSync(ready))) await new Promise((resolve) => setTimeout(resolve, 10));
  fs.writeFileSync(go, '');
  const answers = await Promise.all(racers.map(({ answer }) => answer));
  expect(listRuns(runsDir)).toHaveLength(1);
  expect(fs.readdirSync(runsDir)).toHaveLength(1);
  return answers.map((answer) => JSON.parse(answer) as { id: string; action: string });
}

test('one makes it and the others find it, every time', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await race(round);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.map(({ action }) => action).sort()).toEqual(['create', ...Array.from({ length: RACERS - 1 }, () => 'resume')]);
  }
}, 60_000);

test('a turn whose holder died is taken by the next', async () => {
  const runsDir = path.join(dir, 'dead', 'runs');
  fs.mkdirSync(runsDir, { recursive: true });
  const gone = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => gone.once('close', resolve));
  fs.writeFileSync(path.join(runsDir, '.turn.json'), JSON.stringify({ host: os.hostname(), pid: gone.pid, time: Date.now(), owner: 'dead' }));
  const go = path.join(dir, 'dead', 'go');
  fs.writeFileSync(go, '');
  const child = spawn(process.execPath, [racer, runsDir, go, path.join(dir, 'dead', 'ready')], { stdio: 'ignore' });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(fs.readdirSync(runsDir)).toHaveLength(1);
}, 30_000);
