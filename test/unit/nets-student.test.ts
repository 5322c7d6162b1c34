import { beforeAll, expect, test } from 'vitest';
import { coarseIndices, defaultGrid, fineGrid } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { FineNoise, SharedPath } from '../../src/diffusion/brownian';
import { netDenoiser } from '../../src/diffusion/denoiser';
import { coarseGrid } from '../../src/diffusion/fine-paths';
import { netInput, targetOf, toX0, type Parametrisation } from '../../src/diffusion/parametrisation';
import { runSampler } from '../../src/diffusion/run-sampler';
import { ddpm } from '../../src/diffusion/samplers/ddpm';
import { createTeacher } from '../../src/diffusion/teacher';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { studentSampler } from '../../src/sigdeg/sample';
import { Student } from '../../src/sigdeg/student';

beforeAll(async () => {
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

const vp = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
const flow = createSchedule({ name: 'flow' });
const subVp = createSchedule({ name: 'sub-vp', betaMin: 0.1, betaMax: 20 });
const ve = createSchedule({ name: 've' });
const edm = createSchedule({ name: 'edm' });

test.each([
  [vp, 'v'], [vp, 'epsilon'], [vp, 'x0'], [vp, 'flow'], [flow, 'flow'], [flow, 'epsilon'], [subVp, 'flow'],
  [ve, 'edm'], [ve, 'flow'], [edm, 'edm'], [edm, 'x0'],
] as const)('on the schedule $name what a network learns to predict as %1$s gives the item back', (schedule, prediction) => {
  const levels = [0.1, 0.5, 0.9].map((t) => [schedule.alpha(t * schedule.tMax), schedule.sigma(t * schedule.tMax)] as const);
  const told: Parametrisation = { prediction, sigmaData: schedule.sigmaData };
  for (const [alpha, sigma] of levels) {
    const [item, noise] = [tf.tensor1d([1.5, -0.3]), tf.tensor1d([-0.7, 2])];
    const x = tf.add(tf.mul(item, alpha), tf.mul(noise, sigma));
    const found = toX0(told, targetOf(told, item, noise, tf.scalar(alpha), tf.scalar(sigma)), x, alpha, sigma).dataSync();
    [1.5, -0.3].forEach((value, i) => { expect(found[i]).toBeCloseTo(value, 3); });
  }
});

test('in EDM what the network hears and what it says have unit variance at every level, and on a variance-preserving schedule of sigmaData 1 it says −v', () => {
  const [x0, noise] = [tf.randomNormal([20000], 0, 0.5, 'float32', 1), tf.randomNormal([20000], 0, 1, 'float32', 2)];
  const told: Parametrisation = { prediction: 'edm', sigmaData: 0.5 };
  for (const sigma of [0.002, 0.1, 0.5, 3, 80]) {
    for (const numbers of [netInput(told, tf.add(x0, tf.mul(noise, sigma)), 1, sigma), targetOf(told, x0, noise, tf.scalar(1), tf.scalar(sigma))]) expect(tf.moments(numbers).variance.dataSync()[0]).toBeCloseTo(1, 1);
  }
  const [alpha, sigma] = [tf.scalar(0.6), tf.scalar(0.8)];
  const difference = tf.add(targetOf({ prediction: 'edm', sigmaData: 1 }, x0, noise, alpha, sigma), targetOf({ prediction: 'v' }, x0, noise, alpha, sigma));
  expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-5);
});

test('where the variance is preserved the network is told the very tensor', () => {
  const x = tf.tensor1d([1, 2]);
  expect(netInput({ prediction: 'v', sigmaData: vp.sigmaData }, x, 0.6, 0.8)).toBe(x);
});

test.each([[vp, 'v'], [flow, 'flow'], [subVp, 'flow'], [ve, 'edm'], [ve, 'flow'], [edm, 'edm'], [edm, 'flow']] as const)('a student that starts from a teacher is the ancestral sampler before training: $name', (schedule, prediction) => {
  const { sigmaData } = schedule;
  const fine = fineGrid(schedule, { steps: 1000, tMin: schedule.tMin ?? 1e-3 });
  const indices = coarseIndices(fine, 5, defaultGrid(schedule.name));
  const grid = coarseGrid(fine, 5, defaultGrid(schedule.name));
  const config = { kind: 'mlp', width: 32, blocks: 2 } as const;
  const { net, layout } = createTeacher(config, [2]);
  const flat = layout.initial(1).map((v, i) => v + 0.01 * Math.sin(i));
  const student = new Student({ net: config, itemShape: [2], depth: 3, start: 'teacher', recurrence: 'shared', prediction, sigmaData });
  const grown = student.layout.grownFrom(layout, flat, 2);
  const before = tf.memory().numTensors;
  const difference = tf.tidy(() => {
    const path = new SharedPath(new FineNoise(fine, { seed: 3, stream: 6, first: 0, count: 16, itemShape: [2] }), indices);
    const denoiser = netDenoiser(net, layout.weights(layout.split(tf.tensor1d(flat))), { prediction, sigmaData });
    const a = runSampler(ddpm, { denoiser, schedule, grid, path, settings: { lowerOrderFinal: true } });
    const b = studentSampler(student, student.layout.weights(student.layout.split(tf.tensor1d(grown)))).sample(grid, path);
    return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
  });
  expect(difference).toBeLessThan(1e-5);
  expect(tf.memory().numTensors).toBe(before);
});

test('on wasm the gradients of a convolution and of transposed products equal those of the plain engine', async () => {
  const gradients = (): number[] => tf.tidy(() => {
    const x = tf.tensor4d(Array.from({ length: 2 * 6 * 5 * 3 }, (_, i) => Math.sin(i)), [2, 6, 5, 3]);
    const w = tf.tensor4d(Array.from({ length: 3 * 3 * 3 * 4 }, (_, i) => Math.cos(i)), [3, 3, 3, 4]);
    const [dx, dw] = tf.grads((a, b) => tf.sum(tf.square(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same'))))([x, w]) as [tf.Tensor, tf.Tensor];
    const product = tf.matMul(tf.reshape(x, [2, 6, 15]), tf.reshape(x, [2, 6, 15]), true, false);
    return [dx, dw, product].flatMap((t) => Array.from(t.dataSync()));
  });
  const started = tf.getBackend();
  const ours = gradients();
  await startEngine('cpu');
  const plain = gradients();
  await tf.setBackend(started);
  expect(Math.max(...ours.map((v, i) => Math.abs(v - plain[i]!)))).toBeLessThan(2e-3);
});
