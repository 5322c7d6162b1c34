/** Sampling as the product does it: simulation tasks on runs in a folder, in this process or in several. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { SigdegError } from '../../../src/core/errors';
import type { SamplerName } from '../../../src/diffusion/samplers/names';
import { encodeSafetensors } from '../../../src/formats/safetensors';
import { createStudent } from '../../../src/jobs/model';
import { chunkSize, type StudentConfig } from '../../../src/jobs/setup';
import { readSamples, sampleTasks, type SamplingChoice } from '../../../src/jobs/simulate';
import { runTask } from '../../../src/jobs/tasks';
import { openExecutor } from '../../../src/launch/executor';
import { ProcessPool } from '../../../src/launch/pool';
import type { ParameterLayout } from '../../../src/nets/parameters';
import { writeCheckpoint } from '../../../src/store/checkpoints';
import { createRun, type JsonValue, type RunKind } from '../../../src/store/run';
import { benchNet, forwardCost, teacherConfig, writeReference, type NetName } from './nets';
import type { Facts } from '../case';
import type { OpenWork, Work } from './work';

const DEPTH = 3;
const NEVER = { interrupted: () => false, pause: () => undefined };

/** A finished training's run, with weights that nobody trained: their values do not change the time. */
function trainedRun(runsDir: string, kind: RunKind, config: JsonValue, parents: string[], layout: ParameterLayout, weights: Float32Array): string {
  const { manifest, dir } = createRun(runsDir, { kind, name: 'bench', experiment: null, experimentFile: null, config, configHash: kind, seed: 0, parents, versions: {}, engine: 'any' });
  const bytes = encodeSafetensors(layout.toTensors(weights));
  writeCheckpoint(dir, 1, { 'model.safetensors': bytes, 'ema.safetensors': bytes }, { step: 1 });
  return manifest.id;
}

interface Prepared {
  readonly runsDir: string;
  readonly choice: Omit<SamplingChoice, 'seed'>;
  readonly items: number;
  readonly itemShape: readonly number[];
  readonly facts: Facts;
  readonly dispose: () => void;
}

/**
 * Params: net; sampler (`ddpm` for the teacher, `sig-deg` for a student of depth 3); steps; items; `fineSteps`: how many the fine grid has (default 1000), for
 * a part of a long simulation whose steps all cost the same; `share`: which part that is.
 */
function prepare(params: Parameters<OpenWork>[0], scratch: string, withReference: boolean): Prepared {
  const name = params['net'] as NetName;
  const sampler = params['sampler'] as SamplerName;
  const steps = params['steps'] as number;
  const bench = benchNet(name);
  const config = teacherConfig(name, 64, params['fineSteps'] as number | undefined);
  const folder = fs.mkdtempSync(path.join(scratch, 'sampling-'));
  const runsDir = path.join(folder, 'runs');
  const teacher = trainedRun(runsDir, 'teacher', config as unknown as JsonValue, [], bench.layout, bench.weights);
  let model = teacher;
  if (sampler === 'sig-deg') {
    const student: StudentConfig = {
      ...config, paths: { kind: 'full', count: 1, subSteps: 16 }, views: [],
      student: { name: 'bench', steps, depth: DEPTH, start: 'teacher', recurrence: 'shared', grid: 'quad', training: config.teacher.training },
    };
    const { layout } = createStudent(student, bench.itemShape);
    model = trainedRun(runsDir, 'student', student as unknown as JsonValue, [teacher], layout, layout.grownFrom(bench.layout, bench.weights, 0));
  }
  const items = params['items'] as number;
  if (items % chunkSize(bench.itemShape) !== 0) throw new SigdegError('INTERNAL', `expected whole chunks of ${chunkSize(bench.itemShape)} items, found ${items} items`);
  const { flop, activations } = forwardCost(bench);
  const share = (params['share'] as number | undefined) ?? 1;
  return {
    runsDir, items, itemShape: bench.itemShape,
    choice: { model, weights: 'ema', sampler, steps, grid: 'quad', lowerOrderFinal: true, clamp: false, brownian: sampler === 'sig-deg' ? 'simulated' : 'shared' },
    facts: {
      units: share, flop: (steps / share) * items * flop, bytes: (4 * steps * (2 * items * activations + bench.layout.size)) / share,
      ...(withReference ? { parameters: bench.layout.size, reference: writeReference(bench, folder, name) } : {}),
    },
    dispose: () => { fs.rmSync(folder, { recursive: true, force: true }); },
  };
}

/** Every iteration draws under another seed, since what was drawn once is kept. */
function work(prepared: Prepared, simulate: (seed: number) => Promise<number>, end: () => void): Work {
  let seed = 0;
  return {
    facts: prepared.facts,
    async run(iterations) {
      let seconds = 0;
      for (let i = 0; i < iterations; i++) seconds += await simulate(seed++);
      return seconds;
    },
    close() {
      end();
      prepared.dispose();
    },
  };
}

/** As a job draws them, with all cores. `drawing: true` counts what the product tells its users: the draws alone, without files. */
export const openSampling: OpenWork = (params, { engine, scratch }) => {
  if (!engine) throw new SigdegError('INTERNAL', 'sampling needs an engine');
  const prepared = prepare(params, scratch, true);
  const { runsDir, choice, items, itemShape } = prepared;
  const executor = openExecutor((task) => runTask(task, engine), engine, os.availableParallelism());
  return work(prepared, async (seed) => {
    const seeded = { ...choice, seed };
    const start = performance.now();
    await executor.run(sampleTasks(runsDir, [seeded], items, itemShape) as unknown as JsonValue[], () => undefined, NEVER);
    const wall = (performance.now() - start) / 1000;
    return params['drawing'] === true ? readSamples(runsDir, seeded, items).seconds : wall;
  }, () => { executor.close(); });
};

/** In several processes on the wasm engine. */
export const openPool: OpenWork = (params, { scratch }) => {
  const prepared = prepare(params, scratch, false);
  const { runsDir, choice, items, itemShape } = prepared;
  const pool = new ProcessPool({ processes: params['processes'] as number, engine: 'wasm' });
  return work(prepared, async (seed) => {
    const start = performance.now();
    await pool.run(sampleTasks(runsDir, [{ ...choice, seed }], items, itemShape) as unknown as JsonValue[], () => undefined, NEVER);
    return (performance.now() - start) / 1000;
  }, () => { pool.close(); });
};
