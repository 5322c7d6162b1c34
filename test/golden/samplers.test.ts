import { beforeAll, describe, expect, test } from 'vitest';
import { coarseIndices, coarsen, fineGrid } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { runSampler } from '../../src/diffusion/run-sampler';
import { ddpm } from '../../src/diffusion/samplers/ddpm';
import type { SolverName } from '../../src/diffusion/samplers/names';
import { SOLVERS } from '../../src/diffusion/samplers/table';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { fixture } from './fixture';
import { mixtureDenoiser, type Mixture } from './mixture';

interface Levels { t: number; alpha: number; sigma: number; lambda: number; drift: number; diffusionSquared: number }

interface Fixture {
  mixture: Mixture;
  schedule: Levels[];
  cosine: Levels[];
  flow: Levels[];
  subVp: Levels[];
  grid: { t: number[]; alpha: number[]; sigma: number[] };
  initial: number[][];
  noise: number[][][];
  fineAncestral: number[];
  trajectories: { sampler: SolverName; from: string; lowerOrderFinal: boolean; states: number[][][] }[];
}
const golden = fixture('samplers.json') as Fixture;
const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
const fine = fineGrid(schedule, { steps: 1000, tMin: 1e-3 });
const grid = coarsen(fine, coarseIndices(fine, 10, 'quad'));

beforeAll(async () => {
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

const mixture = mixtureDenoiser(golden.mixture);

const relative = (found: number, expected: number): number => Math.abs(found - expected) / Math.abs(expected);

test.each([
  ['vp-linear', schedule, golden.schedule, 1e-14],
  // log cos(t + s) − log cos(s) cancels near t = 0.
  ['cosine', createSchedule({ name: 'cosine' }), golden.cosine, 1e-10],
  ['flow', createSchedule({ name: 'flow' }), golden.flow, 1e-12],
  ['sub-vp', createSchedule({ name: 'sub-vp', betaMin: 0.1, betaMax: 20 }), golden.subVp, 1e-12],
] as const)('the %s schedule equals its definition computed with 40 digits', (_, ours, levels, tolerance) => {
  for (const { t, ...expected } of levels) {
    for (const name of ['alpha', 'sigma', 'lambda', 'drift', 'diffusionSquared'] as const) expect(relative(ours[name](t), expected[name])).toBeLessThan(tolerance);
    const level = ours.levelOf(expected.lambda);
    for (const name of ['alpha', 'sigma'] as const) expect(relative(level[name], expected[name])).toBeLessThan(1e-12);
  }
});

test("ten steps of the quadratic grid are numpy's", () => {
  for (const name of ['t', 'alpha', 'sigma'] as const) {
    golden.grid[name].forEach((value, i) => {
      expect(relative(grid[name][i]!, value)).toBeLessThan(1e-13);
    });
  }
});

describe('solvers follow the same states on a Gaussian mixture, fed the same noise', () => {
  const path = {
    initial: () => tf.tensor2d(golden.initial),
    signature: (n: number) => tf.tensor2d(golden.noise[n]!),
    wiener: (n: number) => tf.tensor2d(golden.noise[n]!),
  };

  test.each(golden.trajectories)('$sampler as $from has it, lower-order-final $lowerOrderFinal', ({ sampler, lowerOrderFinal, states }) => {
    let largest = 0;
    let steps = 0;
    const end = runSampler(SOLVERS[sampler], { denoiser: mixture, schedule, grid, path, settings: { lowerOrderFinal } }, (n, x) => {
      const found = x.dataSync();
      const expected = states[n]!.flat();
      const size = Math.max(...expected.map(Math.abs));
      for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(found[i]! - expected[i]!) / size);
      steps++;
    });
    end.dispose();
    expect(steps).toBe(states.length);
    expect(largest).toBeLessThan(2e-6);
  });

  test('the fine ancestral sampler ends where the posterior of Ho et al. in float64 does, after 1000 steps', () => {
    const z = (j: number): tf.Tensor => tf.tensor2d([[Math.sin(2 * j + 1), Math.sin(2 * j + 2)]]);
    const one = { initial: () => tf.tensor2d([[0.5, -0.25]]), signature: z };
    const end = runSampler(ddpm, { denoiser: mixture, schedule, grid: fine, path: one, settings: { lowerOrderFinal: false } });
    const found = end.dataSync();
    golden.fineAncestral.forEach((value, i) => {
      expect(Math.abs(found[i]! - value)).toBeLessThan(5e-6);
    });
    end.dispose();
  });
});
