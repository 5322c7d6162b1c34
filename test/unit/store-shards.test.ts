import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fineGrid } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { coarseGrid } from '../../src/diffusion/fine-paths';
import { encodeSafetensors, type TensorData } from '../../src/formats/safetensors';
import { copyPair, copyPath, pairCount, type PathSet, type PathShard } from '../../src/sigdeg/path-set';
import { ShardCache } from '../../src/store/cache';
import { ResidentBudget } from '../../src/store/shard-file';

let dir: string;
beforeEach(() => { dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-shards-')); });
afterEach(() => { fs.rmSync(dir, { recursive: true, force: true }); });

const [COUNT, STEPS, DEPTH, SIZE] = [3, 4, 2, 6]; // items [1, 2, 3]
const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 20, tMin: 1e-3 });
const numbers = (length: number, from: number): Float32Array => Float32Array.from({ length }, (_, i) => from + i);
const f32 = (data: Float32Array): TensorData => ({ dtype: 'F32', shape: [data.length], data });

/** Shards of distinct numbers. */
function writeCache(shards: number, kind: 'full' | 'local'): ShardCache {
  const cache = new ShardCache(dir, { kind });
  for (let shard = 0; shard < shards; shard++) {
    const base = 1000 * shard;
    const arrays = kind === 'full'
      ? { states: numbers(COUNT * (STEPS + 1) * SIZE, base), xi: numbers(COUNT * STEPS * DEPTH * SIZE, base + 0.5) }
      : { from: numbers(COUNT * SIZE, base), to: numbers(COUNT * SIZE, base + 0.25), xi: numbers(COUNT * DEPTH * SIZE, base + 0.5) };
    cache.write(shard, encodeSafetensors(new Map(Object.entries(arrays).map(([name, data]) => [name, f32(data)])), { interval: String(shard % STEPS) }));
  }
  return cache;
}

function openSet(cache: ShardCache, shards: number, kind: 'full' | 'local', budget: ResidentBudget): PathSet {
  const opened = Array.from({ length: shards }, (_, i): PathShard => {
    const shard = cache.open(i, budget)!;
    return kind === 'full'
      ? { kind, count: COUNT, states: shard.floats('states', COUNT * (STEPS + 1) * SIZE), xi: shard.floats('xi', COUNT * STEPS * DEPTH * SIZE) }
      : { kind, count: COUNT, interval: Number(shard.metadata['interval']), from: shard.floats('from', COUNT * SIZE), to: shard.floats('to', COUNT * SIZE), xi: shard.floats('xi', COUNT * DEPTH * SIZE) };
  });
  return { steps: STEPS, grid: 'quad', depth: DEPTH, nodes: coarseGrid(fine, STEPS, 'quad'), shards: opened, itemShape: [1, 2, 3] };
}

test.each(['full', 'local'] as const)('a batch is the same from memory, from files and from both (%s)', (kind) => {
  const shards = 200; // more than are kept open
  const cache = writeCache(shards, kind);
  const rows = (budget: number, depth: number): unknown => {
    const set = openSet(cache, shards, kind, new ResidentBudget(budget));
    const pairs = pairCount(set);
    const [x, next, xi] = [new Float32Array(pairs * SIZE), new Float32Array(pairs * SIZE), new Float32Array(pairs * depth * SIZE)];
    const steps = Array.from({ length: pairs }, (_, i) => copyPair(set, (i * 7919) % pairs, { depth, terms: depth }, i, x, next, xi, SIZE));
    return { x, next, xi, steps };
  };
  for (const depth of [1, DEPTH]) {
    const inMemory = rows(Infinity, depth);
    expect(rows(0, depth)).toEqual(inMemory);
    expect(rows(20_000, depth)).toEqual(inMemory);
  }
});

test('whole paths are the same from memory and from files', () => {
  const cache = writeCache(3, 'full');
  const [a, b] = [0, Infinity].map((budget) => {
    const [states, xi] = [new Float32Array(9 * (STEPS + 1) * SIZE), new Float32Array(9 * STEPS * DEPTH * SIZE)];
    const set = openSet(cache, 3, 'full', new ResidentBudget(budget));
    for (let i = 0; i < 9; i++) copyPath(set, 8 - i, { depth: DEPTH, terms: DEPTH }, i, states, xi, SIZE);
    return { states, xi };
  });
  expect(a).toEqual(b);
  expect(b!.states[0]).toBe(2000 + 2 * (STEPS + 1) * SIZE);
});

const fileOf = (cache: ShardCache): string => path.join(cache.dir, fs.readdirSync(cache.dir).find((name) => name.startsWith('shard-'))!);

test('a shard that is damaged anywhere is not opened, and deleted so that it is made again', () => {
  for (const where of [0.01, 0.5, 0.999]) {
    const cache = writeCache(1, 'full');
    const bytes = fs.readFileSync(fileOf(cache));
    bytes[Math.floor(where * bytes.length)]! ^= 1;
    fs.writeFileSync(fileOf(cache), bytes);
    expect(cache.open(0, new ResidentBudget(0))).toBeUndefined();
    expect(cache.has(0)).toBe(false);
  }
  expect(cacheOfNothing().open(0, new ResidentBudget(0))).toBeUndefined();
});

const cacheOfNothing = (): ShardCache => new ShardCache(dir, 'nothing');

test('arrays of another length or type, and a file that is cut off under its reader, are refused in one line', () => {
  const cache = writeCache(1, 'full');
  const shard = cache.open(0, new ResidentBudget(0))!;
  expect(() => shard.floats('states', 1)).toThrow(/expected 1 float32 numbers «states»/);
  expect(() => shard.floats('nothing', 1)).toThrow(/«nothing»/);
  const states = shard.floats('states', COUNT * (STEPS + 1) * SIZE);
  expect(() => states.read(states.length - 1, 2)).toThrow(RangeError);
  fs.truncateSync(fileOf(cache), 300);
  expect(() => states.read(states.length - 1, 1)).toThrow(expect.objectContaining({ code: 'BAD_FILE', message: expect.stringMatching(/it ends too early; the same command again/) }));
});
