/** A teacher and a student where the state grows with the noise, trained for a few seconds. */
import { beforeAll, expect, test } from 'vitest';
import { coarseIndices, defaultGrid, fineGrid } from '../../src/core/grid';
import { STREAM } from '../../src/core/random/streams';
import { createSchedule } from '../../src/core/schedule';
import { loadDataset } from '../../src/data/registry';
import { netDenoiser } from '../../src/diffusion/denoiser';
import { denoisingTest } from '../../src/diffusion/denoising-test';
import { coarseGrid, simulateFinePaths, TRAINING_STREAM } from '../../src/diffusion/fine-paths';
import { FineNoise, SharedPath } from '../../src/diffusion/brownian';
import { createTeacher, teacherObjective } from '../../src/diffusion/teacher';
import type { ParameterLayout, Weights } from '../../src/nets/parameters';
import { freshState, train, type Objective, type TrainingState } from '../../src/nets/trainer';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { stepwiseObjective } from '../../src/sigdeg/stepwise';
import type { PathSet } from '../../src/sigdeg/path-set';
import { studentSampler } from '../../src/sigdeg/sample';
import { Student, teacherX0, type Start } from '../../src/sigdeg/student';

const NET = { kind: 'mlp', width: 32, blocks: 2 } as const;
const [STEPS, PATHS, DEPTH, BATCH] = [4, 512, 2, 256];

beforeAll(async () => {
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

/** The trained average, and the mean loss of the first and of the last tenth of the steps. */
async function trained(layout: ParameterLayout, objective: Objective, flat: Float32Array, steps: number): Promise<{ ema: Float32Array; first: number; last: number }> {
  const losses: number[] = [];
  let state: TrainingState | undefined;
  const config = { steps, batch: BATCH, learningRate: 4e-3, warmup: 20, clip: 1, ema: 0.98, checkpointEvery: steps, logEvery: Math.round(steps / 10) };
  await train(layout, objective, config, freshState(flat), { onLoss: (_, loss) => { losses.push(loss); }, onCheckpoint: (kept) => { state = kept; }, interrupted: () => false });
  return { ema: state!.ema, first: losses[0]!, last: losses.at(-1)! };
}

const weightsOf = (layout: ParameterLayout, flat: Float32Array): Weights => layout.weights(tf.tidy(() => layout.split(tf.tensor1d(flat))));

test.each(['ve', 'edm'] as const)('on the schedule %s a teacher in edm learns the data, and its students learn the teacher', { timeout: 120_000 }, async (name) => {
  const schedule = createSchedule({ name, sigmaMin: 0.03, sigmaMax: 20, sigmaData: 1 });
  const { sigmaData } = schedule;
  const tMin = schedule.tMin ?? 1e-3;
  const fine = fineGrid(schedule, { steps: 100, tMin });
  const dataset = loadDataset({ name: 'moons', count: 4096, seed: 1 }, '');
  const { net, layout } = createTeacher(NET, [2]);
  const teacher = await trained(layout, teacherObjective({ net, prediction: 'edm', dataset, schedule, tMin, batch: BATCH, seed: 2 }), layout.initial(2), 400);
  // F has unit variance, and so the loss of a network that says nothing is 1. Below the size of the data's own grain the noise cannot be guessed, so that much of it stays.
  expect(teacher.first).toBeLessThan(1.1);
  expect(teacher.last).toBeLessThan(0.96 * teacher.first);

  const denoiser = netDenoiser(net, weightsOf(layout, teacher.ema), { prediction: 'edm', sigmaData });
  const clean = tf.tidy(() => {
    const numbers = new Float32Array(1024);
    for (let i = 0; i < 512; i++) dataset.fill(numbers, 2 * i, i);
    return tf.tensor2d(numbers, [512, 2]);
  });
  const levels = denoisingTest(denoiser, clean, fine, 6);
  clean.dispose();
  const total = (key: 'error' | 'linear'): number => levels.reduce((sum, level) => sum + level[key], 0);
  expect(total('error')).toBeLessThan(total('linear'));

  const grid = defaultGrid(name);
  const items = { seed: 3, stream: TRAINING_STREAM, first: 0, count: PATHS, itemShape: [2] };
  const [paths] = simulateFinePaths(denoiser, schedule, fine, items, [{ steps: STEPS, grid, depth: DEPTH }]);
  const ends = Array.from({ length: PATHS }, (_, i) => paths!.states[(i * (STEPS + 1) + STEPS) * 2]!);
  // Where it begins the state has the size of the noise, where it ends that of the data.
  const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  expect(rms(ends)).toBeGreaterThan(0.6);
  expect(rms(ends)).toBeLessThan(1.5);

  const numbers = (data: Float32Array) => ({ length: data.length, read: (from: number, count: number) => data.subarray(from, from + count) });
  const set: PathSet = { steps: STEPS, grid, nodes: coarseGrid(fine, STEPS, grid), depth: DEPTH, itemShape: [2], shards: [{ kind: 'full', count: PATHS, states: numbers(paths!.states), xi: numbers(paths!.xi) }] };
  for (const start of ['teacher', 'correction'] satisfies Start[]) {
    const student = new Student({ net: NET, itemShape: [2], depth: DEPTH, start, recurrence: 'shared', prediction: 'edm', sigmaData });
    const x0 = start === 'correction' ? teacherX0(denoiser) : undefined;
    const flat = start === 'teacher' ? student.layout.grownFrom(layout, teacher.ema, 4) : student.layout.initial(4);
    const learned = await trained(student.layout, stepwiseObjective({ student, sets: [set], batch: BATCH, seed: 5, teacher: x0 }), flat, 200);
    expect(learned.last, start).toBeLessThan(0.6 * learned.first);
    const sampler = studentSampler(student, weightsOf(student.layout, learned.ema), x0);
    const indices = coarseIndices(fine, STEPS, grid);
    const drawn = sampler.sample(set.nodes, new SharedPath(new FineNoise(fine, { ...items, stream: STREAM.sampling, count: 256 }), indices));
    expect(rms(Array.from(drawn.dataSync()))).toBeGreaterThan(0.6);
    expect(rms(Array.from(drawn.dataSync()))).toBeLessThan(1.5);
    drawn.dispose();
    sampler.dispose();
  }
  denoiser.recordings.dispose();
});
