import { beforeAll, expect, test } from 'vitest';
import { coarseIndices, coarsen, fineGrid, gridAt } from '../../src/core/grid';
import { STREAM } from '../../src/core/random/streams';
import { createSchedule } from '../../src/core/schedule';
import { FineNoise, SharedPath } from '../../src/diffusion/brownian';
import { demandsOf, runSampler } from '../../src/diffusion/run-sampler';
import type { SolverName } from '../../src/diffusion/samplers/names';
import { SOLVERS } from '../../src/diffusion/samplers/table';
import { startEngine } from '../../src/runtime/engine';
import { fixture } from './fixture';
import { mixtureDenoiser, type Mixture } from './mixture';

interface Ends {
  flowEuler: { steps: number; x: number[][] }[];
  spacings: { spacing: 'trailing' | 'leading' | 'linspace'; steps: number; timesteps: number[] }[];
  seed: number;
  items: number;
  ends: { sampler: SolverName; from: string; lowerOrderFinal: boolean; steps: number; x: number[][] }[];
}
const golden = fixture('solvers.json') as Ends;
const denoiser = mixtureDenoiser((fixture('samplers.json') as { mixture: Mixture }).mixture);
const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
const fine = fineGrid(schedule, { steps: 1000, tMin: 1e-3 });
const noise = new FineNoise(fine, { seed: golden.seed, stream: STREAM.sampling, first: 0, count: golden.items, itemShape: [2] });

beforeAll(async () => {
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

const { ends: noisyEnds } = fixture('noisy.json') as { ends: { sampler: SolverName; settings: { eta?: number; churn?: number }; steps: number; x: number[][] }[] };
const noisy = noisyEnds.map((end) => ({ ...end, from: end.sampler === 'ddim-eta' ? 'diffusers' : 'paper', lowerOrderFinal: false }));

test.each([...golden.ends.map((end) => ({ ...end, settings: {} })), ...noisy])('$sampler ends in $steps steps where $from does on our Brownian path, lower-order-final $lowerOrderFinal, $settings', ({ sampler, lowerOrderFinal, settings, steps, x }) => {
  const indices = coarseIndices(fine, steps, 'quad');
  const input = { denoiser, schedule, grid: coarsen(fine, indices), within: { fine, indices }, path: new SharedPath(noise, indices), settings: { lowerOrderFinal, ...settings } };
  noise.prepare(demandsOf(SOLVERS[sampler], input, indices));
  const end = runSampler(SOLVERS[sampler], input);
  const found = end.dataSync();
  end.dispose();
  const expected = x.flat();
  const size = Math.max(...expected.map(Math.abs));
  expect(Math.max(...expected.map((value, i) => Math.abs(found[i]! - value))) / size).toBeLessThan(1e-5);
});

test.each(golden.flowEuler)("on the schedule flow DDIM of $steps steps is diffusers' flow-matching Euler", ({ steps, x }) => {
  const straight = createSchedule({ name: 'flow' });
  const grid = gridAt(straight, Float64Array.from({ length: steps + 1 }, (_, i) => 0.999 - (0.998 * i) / steps));
  const end = runSampler(SOLVERS.euler, { denoiser, schedule: straight, grid, path: new SharedPath(noise, []), settings: { lowerOrderFinal: false } });
  const found = end.dataSync();
  end.dispose();
  x.flat().forEach((value, i) => { expect(Math.abs(found[i]! - value)).toBeLessThan(1e-5); });
});

test.each(golden.spacings)("$steps training steps of 1000 in $spacing spacing are diffusers'", ({ spacing, steps, timesteps }) => {
  const discrete = createSchedule({ name: 'discrete', betas: 'scaled_linear', betaStart: 0.00085, betaEnd: 0.012, trainSteps: 1000, zeroTerminalSnr: false });
  // Of linspace diffusers' last timestep is the cleanest, from which it takes one step to no noise at all.
  const indices = spacing === 'linspace' ? coarseIndices(gridAt(discrete, discrete.nodes!), steps - 1, 'uniform-t') : coarseIndices(gridAt(discrete, discrete.nodes!), steps, spacing).slice(0, -1);
  expect(Array.from(indices, (i) => 999 - i)).toEqual(timesteps);
});
