/** The benchmark suite: which cases it has and what it tells. The figures themselves are no test's matter. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { buildBench } from '../../.dev/bench.mjs';
import type { CaseResult } from '../bench/case';
import { CASES } from '../bench/cases';
import { WORKS } from '../bench/ours/works';
import { ROOT } from '../support/modules';

/** What the product promises, by case. */
const PROMISED = {
  'mlp-train-4096': { atLeast: 1.15 }, 'mlp-train-512': { atLeast: 1.15 }, 'mlp-train-64': { atLeast: 1.15 },
  'mlp-wasm-512': { atLeast: 0.5 },
  'unet-train-64': { atLeast: 1 }, 'unet-forward-64': { atLeast: 1.3 },
  'simulate-mlp': { atLeast: 1.2 }, 'simulate-unet': { atLeast: 1.2 },
  'student-mlp': { atLeast: 95 }, 'student-unet': { atLeast: 95 },
  'processes-wasm': { atLeast: 1.8 },
  'normals-float32': { atLeast: 1 }, 'normals-float64': { atLeast: 1 },
  'frechet-64': { atLeast: 1 }, 'frechet-256': { atLeast: 1 }, 'frechet-512': { atLeast: 1 },
  'events-training': { atMost: 1 },
  'runs-index': { atMost: 1 }, 'runs-list': { atMost: 1 }, 'runs-command': { atMost: 1 },
  'demo-wasm': { atMost: 45 },
};

let command: string;
beforeAll(async () => { command = await buildBench(); });

const bench = (...args: string[]) => spawnSync(process.execPath, [command, ...args], { cwd: ROOT, encoding: 'utf8' });

test('every promise has its case with its limit', () => {
  const limits = Object.fromEntries(CASES.flatMap(({ name, limit }) => (limit === undefined ? [] : [[name, limit]])));
  expect(limits).toEqual(PROMISED);
});

test('each name is there once, and a ratio has a peer', () => {
  const names = CASES.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  expect(CASES.filter(({ limit, peer }) => limit !== undefined && 'atLeast' in limit && !peer)).toEqual([]);
});

test('each side names a piece of work that its process has', () => {
  const python = fs.readFileSync(path.join(ROOT, 'test', 'bench', 'peer', 'main.py'), 'utf8');
  const sides = CASES.flatMap(({ ours, peer, beside = [] }) => [ours, ...(peer ? [peer] : []), ...beside]);
  expect(sides.filter(({ process: name, work }) => (name.startsWith('python') ? !python.includes(`"${work}": (`) : !(work in WORKS)))).toEqual([]);
});

test('--json prints one object with the figures of each case', () => {
  const { stdout, status } = bench('events-append', 'events-tail', '--quick', '--json');
  expect(status).toBe(0);
  const { cases } = JSON.parse(stdout) as { cases: CaseResult[] };
  expect(cases.map(({ name }) => name)).toEqual(['events-append', 'events-tail']);
  for (const one of cases) {
    expect(one).toMatchObject({ group: 'events', unit: 'µs', peer: null, ratio: null, limit: null, n: 3, error: null, ours: expect.any(Number), ranges: { peer: null, ratio: null } });
    const [least, most] = one.ranges.ours!;
    expect(least).toBeGreaterThan(0);
    expect(one.ours!).toBeGreaterThanOrEqual(least);
    expect(one.ours!).toBeLessThanOrEqual(most);
  }
});

test('without a figure the case says why, and the command fails', () => {
  const { stdout, status } = spawnSync(process.execPath, [command, 'normals-float32', '--quick', '--json'], { cwd: ROOT, encoding: 'utf8', env: { PATH: '', XDG_CACHE_HOME: path.join(ROOT, 'dist', 'no-cache') } });
  expect(status).toBe(1);
  expect((JSON.parse(stdout) as { cases: CaseResult[] }).cases[0]).toMatchObject({ name: 'normals-float32', ours: null, reached: null, limit: 1, error: { code: 'NO_ENGINE', message: expect.stringMatching(/^the peers need Python 3\.10 or newer .* install it/) } });
});

test('an unknown case is bad usage, with the nearest one', () => {
  const { stderr, status } = bench('normals-flaot32');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error BAD_USAGE: no case is called «normals-flaot32», did you mean «normals-float32»\?/);
});
