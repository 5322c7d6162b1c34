/** The schedules ve and edm, EDM's preconditioning, and solvers where the state grows with the noise. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { coarseIndices, coarsen, fineGrid, gridAt, type TimeGrid } from '../../src/core/grid';
import { createSchedule, type NoiseSchedule } from '../../src/core/schedule';
import { netDenoiser } from '../../src/diffusion/denoiser';
import { netInput, toX0, type Parametrisation } from '../../src/diffusion/parametrisation';
import { runSampler } from '../../src/diffusion/run-sampler';
import type { SolverName } from '../../src/diffusion/samplers/names';
import { SOLVERS } from '../../src/diffusion/samplers/table';
import { createTeacher } from '../../src/diffusion/teacher';
import { decodeSafetensors } from '../../src/formats/safetensors';
import { readDiffusersFolder } from '../../src/jobs/diffusers-folder';
import { fileHash, loadWeights } from '../../src/jobs/diffusers-weights';
import { fineGridOf } from '../../src/jobs/setup';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { fixture, fixturePath } from './fixture';
import { mixtureDenoiser, type Mixture } from './mixture';

interface Levels { t: number; alpha: number; sigma: number; lambda: number; drift: number; diffusionSquared: number }
interface Trajectory { sampler: SolverName; from: string; lowerOrderFinal: boolean; states: number[][][] }
interface Fixture {
  mixture: Mixture;
  ve: Levels[];
  edm: Levels[];
  preconditioning: { sigma: number; x: number[]; output: number[]; input: number[]; noise: number; x0: number[] }[];
  initial: number[][];
  noise: number[][][];
  edmSigmas: number[];
  veTimes: number[];
  onEdm: Trajectory[];
  onVe: Trajectory[];
}
const golden = fixture('exploding.json') as Fixture;
const denoiser = mixtureDenoiser(golden.mixture);
const edm = createSchedule({ name: 'edm' });
const ve = createSchedule({ name: 've' });
const fine = fineGrid(edm, { steps: 1000, tMin: edm.tMin! });
const edmGrid = coarsen(fine, coarseIndices(fine, golden.noise.length, 'karras'));
const veGrid = gridAt(ve, Float64Array.from(golden.veTimes));
const relative = (found: number, expected: number): number => Math.abs(found - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);

beforeAll(async () => {
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

test.each([['ve', ve, golden.ve], ['edm', edm, golden.edm]] as const)('the %s schedule equals its definition computed with 40 digits', (_, ours, levels) => {
  for (const { t, ...expected } of levels) {
    for (const name of ['alpha', 'sigma', 'diffusionSquared'] as const) expect(relative(ours[name](t), expected[name])).toBeLessThan(1e-13);
    expect(ours.drift(t)).toBe(0);
    expect(Math.abs(ours.lambda(t) - expected.lambda)).toBeLessThan(1e-13);
    for (const name of ['alpha', 'sigma'] as const) expect(relative(ours.levelOf(expected.lambda)[name], expected[name])).toBeLessThan(1e-13);
  }
});

test("ten steps of EDM's fine grid are the sigmas of diffusers' EDMEulerScheduler", () => {
  golden.edmSigmas.forEach((sigma, i) => { expect(relative(edmGrid.sigma[i]!, sigma)).toBeLessThan(1e-6); });
});

test.each(golden.preconditioning)("at sigma $sigma the network hears and says what diffusers' preconditioning makes of it", ({ sigma, x, output, input, noise, x0 }) => {
  const told: Parametrisation = { prediction: 'edm', sigmaData: edm.sigmaData };
  const heard = netInput(told, tf.tensor1d(x), 1, sigma).dataSync();
  const found = toX0(told, tf.tensor1d(output), tf.tensor1d(x), 1, sigma).dataSync();
  input.forEach((value, i) => { expect(Math.abs(heard[i]! - value)).toBeLessThan(1e-6); });
  x0.forEach((value, i) => { expect(Math.abs(found[i]! - value)).toBeLessThan(1e-6); });
  expect(edm.timestep!(-Math.log(sigma))).toBeCloseTo(noise, 12);
});

const path = {
  initial: () => tf.tensor2d(golden.initial),
  signature: (n: number) => tf.tensor2d(golden.noise[n]!),
  wiener: (n: number) => tf.tensor2d(golden.noise[n]!),
};

/** The largest error of a coordinate after any step, in units of the largest coordinate there. */
function errorOf({ sampler, lowerOrderFinal, states }: Trajectory, schedule: NoiseSchedule, grid: TimeGrid): number {
  let largest = 0;
  let steps = 0;
  const end = runSampler(SOLVERS[sampler], { denoiser, schedule, grid, path, settings: { lowerOrderFinal } }, (n, x) => {
    const found = x.dataSync();
    const expected = states[n]!.flat();
    const size = Math.max(...expected.map(Math.abs));
    expected.forEach((value, i) => { largest = Math.max(largest, Math.abs(found[i]! - value) / size); });
    steps++;
  });
  end.dispose();
  return steps === states.length ? largest : Infinity;
}

test.each(golden.onEdm)("on EDM's steps $sampler follows the states that $from has, lower-order-final $lowerOrderFinal", (trajectory) => {
  expect(errorOf(trajectory, edm, edmGrid)).toBeLessThan(5e-6);
});

test.each(golden.onVe)('on VE $sampler follows the states that $from has', (trajectory) => {
  expect(errorOf(trajectory, ve, veGrid)).toBeLessThan(5e-6);
});

test("a UNet2DModel with EDM's scheduler draws what diffusers draws with it", () => {
  const { architecture, schedule: { schedule: config, prediction, clip }, weights } = readDiffusersFolder(fixturePath('unet2d/plain'), { scheduler: fixturePath('edm-unet/scheduler_config.json') });
  const schedule = createSchedule(config);
  const { tensors } = decodeSafetensors(readFileSync(fixturePath('edm-unet/ends.safetensors')), 'ends');
  const { data: noise, shape } = tensors.get('noise')!;
  const expected = tensors.get('end')!.data as Float32Array;
  const { net, layout } = createTeacher({ kind: 'unet2d', architecture }, shape.slice(1), schedule);
  const flat = layout.fromTensors(loadWeights(weights.map(({ file }) => ({ file, sha256: fileHash(file) }))), 'plain');
  const drawer = netDenoiser(net, layout.weights(tf.tidy(() => layout.split(tf.tensor1d(flat)))), { prediction, sigmaData: schedule.sigmaData }, clip);
  const all = fineGridOf(config, schedule);
  const end = runSampler(SOLVERS.euler, { denoiser: drawer, schedule, grid: coarsen(all, coarseIndices(all, 8, 'karras')), path: { initial: () => tf.tensor(noise as Float32Array, shape) }, settings: { lowerOrderFinal: false } });
  const found = end.dataSync<'float32'>();
  const size = Math.max(...expected.map(Math.abs));
  expect([config.name, prediction, clip]).toEqual(['edm', 'edm', null]);
  expect(Math.max(...expected.map((value, i) => Math.abs(found[i]! - value))) / size).toBeLessThan(1e-5);
  end.dispose();
});
