/**
 * Draws training batches from a cache of MNIST-sized paths that is larger than the memory it may use, and says how much it used. No test: it writes gigabytes.
 * `npx esbuild test/bench/large-cache.ts --bundle --platform=node --format=esm '--external:@tensorflow/*' --outfile=dist/bench.mjs && node dist/bench.mjs 6 2`
 * (gigabytes of cache, gigabytes of memory; a folder may follow). It fails when more memory was resident at any time.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fineGrid } from '../../src/core/grid';
import { fillNormals, uniformInteger } from '../../src/core/random/normal';
import { createSchedule } from '../../src/core/schedule';
import { median } from '../../src/core/statistics';
import { coarseGrid } from '../../src/diffusion/fine-paths';
import { encodeSafetensors, type TensorData } from '../../src/formats/safetensors';
import { pathMemory } from '../../src/jobs/open-paths';
import { copyPair, pairCount, type PathSet, type PathShard } from '../../src/sigdeg/path-set';
import { ShardCache } from '../../src/store/cache';

const [COUNT, STEPS, DEPTH, ITEM, BATCH, BATCHES] = [64, 10, 3, [28, 28, 1], 64, 300] as const;
const SIZE = 784;
const LENGTHS = { states: COUNT * (STEPS + 1) * SIZE, xi: COUNT * STEPS * DEPTH * SIZE };
const GIGABYTE = 2 ** 30;

const [gigabytes = '6', limit = '2', where = os.tmpdir(), child] = process.argv.slice(2);
const shards = Math.ceil((Number(gigabytes) * GIGABYTE) / (4 * (LENGTHS.states + LENGTHS.xi)));

function write(dir: string): void {
  const cache = new ShardCache(dir, 'large');
  for (let shard = 0; shard < shards; shard++) {
    const arrays = Object.entries(LENGTHS).map(([name, length], k) => {
      const data = new Float32Array(length);
      fillNormals(data, 0, length, 1, k, shard, 0);
      return [name, { dtype: 'F32', shape: [length], data }] as [string, TensorData];
    });
    cache.write(shard, encodeSafetensors(new Map(arrays)));
  }
}

function draw(dir: string): void {
  const cache = new ShardCache(dir, 'large');
  const memory = pathMemory();
  let started = performance.now();
  const opened = Array.from({ length: shards }, (_, i): PathShard => {
    const shard = cache.open(i, memory)!;
    return { kind: 'full', count: COUNT, states: shard.floats('states', LENGTHS.states), xi: shard.floats('xi', LENGTHS.xi) };
  });
  console.log(`opened and checked ${shards} shards in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 1000, tMin: 1e-3 });
  const set: PathSet = { steps: STEPS, grid: 'quad', depth: DEPTH, nodes: coarseGrid(fine, STEPS, 'quad'), shards: opened, itemShape: ITEM };
  const pairs = pairCount(set);
  const times = Array.from({ length: BATCHES }, (_, step) => {
    started = performance.now();
    const [x, next, xi] = [new Float32Array(BATCH * SIZE), new Float32Array(BATCH * SIZE), new Float32Array(BATCH * DEPTH * SIZE)];
    for (let i = 0; i < BATCH; i++) copyPair(set, uniformInteger(pairs, 1, 3, i, step), { depth: DEPTH, terms: DEPTH }, i, x, next, xi, SIZE);
    return performance.now() - started;
  });
  const resident = process.resourceUsage().maxRSS * 1024;
  console.log(`a batch of ${BATCH}: ${median(times).toFixed(2)} ms (${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)}); at most ${(resident / GIGABYTE).toFixed(2)} GiB resident of ${limit}, cache of ${gigabytes}`);
  if (resident > Number(limit) * GIGABYTE) process.exitCode = 1;
}

if (child !== undefined) draw(where);
else {
  const dir = fs.mkdtempSync(path.join(where, 'sigdeg-bench-'));
  try {
    write(dir);
    process.exitCode = spawnSync(process.execPath, ['--max-old-space-size=256', process.argv[1]!, gigabytes, limit, dir, 'child'], { stdio: 'inherit' }).status ?? 1;
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}
