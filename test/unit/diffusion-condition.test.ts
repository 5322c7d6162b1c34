import { beforeAll, expect, test } from 'vitest';
import { fineGrid } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { loadDataset } from '../../src/data/registry';
import { conditionTensors, drawConditions } from '../../src/diffusion/condition';
import { netDenoiser } from '../../src/diffusion/denoiser';
import { coarseGrid } from '../../src/diffusion/fine-paths';
import { FineNoise, SharedPath } from '../../src/diffusion/brownian';
import { coarseIndices } from '../../src/core/grid';
import { runSampler } from '../../src/diffusion/run-sampler';
import { ddpm } from '../../src/diffusion/samplers/ddpm';
import { createTeacher, teacherObjective } from '../../src/diffusion/teacher';
import { embedRows } from '../../src/nets/embedding';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { studentSampler } from '../../src/sigdeg/sample';
import { Student } from '../../src/sigdeg/student';

beforeAll(() => startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm'));

const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
const fine = fineGrid(schedule, { steps: 200, tMin: 1e-3 });
const CASES = [
  [{ kind: 'mlp', width: 16, blocks: 2 }, [2]],
  [{ kind: 'unet', channels: [8, 8], blocks: 1, attention: false, patch: 2 }, [8, 8, 1]],
] as const;
const CLASSES = 3;
const RANGE = [1, 4] as const;

/** Weights in which every layer says something. */
const spoken = (flat: Float32Array): Float32Array => flat.map((value, i) => value + 0.05 * Math.sin(i));
const difference = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

test('an item’s class and scale depend on its number alone; classes are even, scales within their range', () => {
  const all = drawConditions(5, RANGE, { seed: 3, first: 0, count: 5000 });
  const some = drawConditions(5, RANGE, { seed: 3, first: 1200, count: 10 });
  expect([...some.labels, ...some.guidance]).toEqual([...all.labels.subarray(1200, 1210), ...all.guidance.subarray(1200, 1210)]);
  for (let label = 0; label < 5; label++) expect(Math.abs(all.labels.filter((l) => l === label).length - 1000)).toBeLessThan(150);
  expect(Math.min(...all.guidance)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...all.guidance)).toBeLessThanOrEqual(4);
  expect(all.guidance.reduce((a, b) => a + b) / 5000).toBeCloseTo(2.5, 1);
});

test.each(CASES)('guidance combines what is estimated with the class and without: $0.kind', (config, itemShape) => {
  const { net, layout } = createTeacher(config, itemShape, {}, CLASSES);
  tf.tidy(() => {
    const denoiser = netDenoiser(net, layout.weights(layout.split(tf.tensor1d(spoken(layout.initial(1))))), { prediction: 'v' });
    const x = tf.randomNormal([4, ...itemShape], 0, 1, 'float32', 7);
    const at = { alpha: 0.6, sigma: 0.8, embedding: tf.tensor2d(embedRows([-0.3], 1, net.features), [1, net.features.size]) };
    const labels = [2, 0, 1, 2];
    const of = (guidance: number[] | undefined, which = labels): tf.Tensor => denoiser.x0(x, { ...at, condition: conditionTensors({ labels: which, guidance: guidance && Float32Array.from(guidance) }, CLASSES) });
    const [own, free] = [of(undefined), of(undefined, [-1, -1, -1, -1])];
    expect(difference(own, free)).toBeGreaterThan(1e-3);
    const scales = [0, 1, 2.5, 4];
    const expected = tf.add(free, tf.mul(tf.sub(own, free), tf.tensor(scales, [4, ...itemShape.map(() => 1)])));
    expect(difference(of(scales), expected)).toBeLessThan(1e-4);
  });
  expect(tf.memory().numTensors).toBe(0);
});

test.each(CASES)('before training a conditional student is the ancestral sampler of its class, whatever the scale: $0.kind', (config, itemShape) => {
  const { net, layout } = createTeacher(config, itemShape, {}, CLASSES);
  const flat = spoken(layout.initial(1));
  const student = new Student({ net: config, itemShape, depth: 2, start: 'teacher', recurrence: 'shared', prediction: 'v', condition: { classes: CLASSES, guidance: RANGE } });
  const indices = coarseIndices(fine, 4, 'quad');
  const grid = coarseGrid(fine, 4, 'quad');
  tf.tidy(() => {
    const path = new SharedPath(new FineNoise(fine, { seed: 3, stream: 6, first: 0, count: 6, itemShape }), indices);
    const denoiser = netDenoiser(net, layout.weights(layout.split(tf.tensor1d(flat))), { prediction: 'v' });
    const labels = [0, 1, 2, 0, 1, 2];
    const a = runSampler(ddpm, { denoiser, schedule, grid, path, settings: { lowerOrderFinal: true }, condition: conditionTensors({ labels }, CLASSES) });
    const sampler = studentSampler(student, student.layout.weights(student.layout.split(tf.tensor1d(student.layout.grownFrom(layout, flat, 2)))));
    const b = sampler.sample(grid, path, undefined, conditionTensors({ labels, guidance: Float32Array.from([1, 2, 3, 4, 1.5, 2.5]) }, CLASSES));
    expect(difference(a, b)).toBeLessThan(1e-4);
    const other = sampler.sample(grid, path, undefined, conditionTensors({ labels: [1, 1, 1, 1, 1, 1], guidance: new Float32Array(6).fill(2) }, CLASSES));
    expect(difference(a, other)).toBeGreaterThan(1e-3);
    sampler.dispose();
    denoiser.recordings.dispose();
  });
});

test('a teacher in training is told the class of nine items in ten', () => {
  const dataset = loadDataset({ name: '8-gaussians' }, '.');
  const { net } = createTeacher({ kind: 'mlp', width: 8, blocks: 1 }, [2], {}, 8);
  const objective = (classes?: number) => teacherObjective({ net, prediction: 'v', dataset, schedule, tMin: 1e-3, batch: 4000, seed: 1, ...(classes !== undefined && { classes }) });
  const { classes, ...rest } = objective(8).batch(5);
  const rows = Array.from({ length: 4000 }, (_, i) => classes!.data.subarray(8 * i, 8 * i + 8));
  const told = rows.filter((row) => row.includes(1)).length;
  expect(Math.abs(told / 4000 - 0.9)).toBeLessThan(0.02);
  rows.forEach((row, i) => {
    if (!row.includes(1)) return;
    const octant = Math.round(Math.atan2(rest['clean']!.data[2 * i + 1]!, rest['clean']!.data[2 * i]!) / (Math.PI / 4));
    expect(row.indexOf(1)).toBe((octant + 8) % 8);
  });
  // What an unconditional one learns from is the same, bit for bit.
  expect(objective().batch(5)).toEqual(rest);
});
