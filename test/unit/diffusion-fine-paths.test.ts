/** What students are taught on: the teacher's states and the signatures of the noise that led to them, over all fine steps or fewer of second order. */
import { beforeAll, describe, expect, test } from 'vitest';
import { coarseIndices, coarsen, fineGrid, levelAt } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import type { Denoiser } from '../../src/diffusion/denoiser';
import { simulateFinePaths, TRAINING_STREAM, type CoarsePaths, type CoarseView } from '../../src/diffusion/fine-paths';
import { exponentialStep } from '../../src/diffusion/samplers/exponential';
import { startEngine } from '../../src/runtime/engine';
import { Recordings } from '../../src/runtime/recorded';
import * as tf from '../../src/runtime/tf';

const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
const fine = fineGrid(schedule, { steps: 96, tMin: 1e-3 });
const features: Denoiser['features'] = { size: 1, write: (lambda, out, at) => { out[at] = lambda; } };
/** E[x_0 | x_t]. */
const denoiser = (name: string, x0: Denoiser['x0']): Denoiser => ({ features, x0, recordings: new Recordings(), name });
const constant = denoiser('constant', (x) => tf.fill(x.shape, 0.3));
/** Of normal data with deviation 0.5. */
const gaussian = denoiser('gaussian', (x, { alpha, sigma }) => tf.div(tf.mul(tf.mul(x, alpha), 0.25), tf.add(tf.mul(tf.square(alpha), 0.25), tf.square(sigma))));
const views: CoarseView[] = [{ steps: 1, grid: 'quad', depth: 4 }, { steps: 3, grid: 'quad', depth: 3 }, { steps: 4, grid: 'uniform-t', depth: 2 }];
const SIZE = 2;
const paths = (model: Denoiser, first: number, count: number, steps?: number): CoarsePaths[] =>
  simulateFinePaths(model, schedule, fine, { seed: 3, stream: TRAINING_STREAM, first, count, itemShape: [SIZE] }, views, steps);

beforeAll(async () => {
  await startEngine('cpu');
});

describe.each([['all fine steps', undefined], ['32 steps of second order', 32]])('%s', (_, steps) => {
  test('xi_0 is the noise that the exponential step over the whole interval would have had', () => {
    const found = paths(constant, 0, 4, steps);
    views.forEach((view, v) => {
      const { states, xi } = found[v]!;
      const grid = coarsen(fine, coarseIndices(fine, view.steps, view.grid));
      for (let i = 0; i < 4; i++) {
        for (let n = 0; n < view.steps; n++) {
          const { keep, drift, noise } = exponentialStep(levelAt(grid, n), levelAt(grid, n + 1));
          const at = (i * (view.steps + 1) + n) * SIZE;
          for (let d = 0; d < SIZE; d++) {
            const xi0 = xi[(i * view.steps + n) * view.depth * SIZE + d]!;
            expect(states[at + SIZE + d]).toBeCloseTo(keep * states[at + d]! + drift * 0.3 + noise * xi0, 4);
          }
        }
      }
    });
  });

  test('an item is the same in any batch', () => {
    const together = paths(gaussian, 0, 5, steps);
    const alone = paths(gaussian, 3, 1, steps);
    views.forEach((view, v) => {
      const row = view.steps * view.depth * SIZE;
      expect(alone[v]!.xi).toEqual(together[v]!.xi.slice(3 * row, 4 * row));
      expect(alone[v]!.states).toEqual(together[v]!.states.slice(3 * (view.steps + 1) * SIZE, 4 * (view.steps + 1) * SIZE));
    });
  });

  test('the terms of a signature are independent standard normals', () => {
    const { xi } = paths(gaussian, 0, 4096, steps)[1]!;
    const of = (k: number, n: number): Float64Array => Float64Array.from({ length: 4096 * SIZE }, (_, i) => xi[((Math.floor(i / SIZE) * 3 + n) * 3 + k) * SIZE + (i % SIZE)]!);
    const product = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0) / a.length;
    for (let n = 0; n < 3; n++) {
      for (let j = 0; j < 3; j++) for (let k = 0; k <= j; k++) expect(product(of(j, n), of(k, n))).toBeCloseTo(j === k ? 1 : 0, 1);
    }
  });
});

test('32 steps of second order lead the states and their signatures to the joint law of all fine steps', () => {
  const COUNT = 4096;
  /** E[x_{n+1} xi_k] over the items, and E[x_{n+1}²]. */
  const moments = (steps?: number): number[] => views.flatMap((view, v) => {
    const { states, xi } = paths(gaussian, 0, COUNT, steps)[v]!;
    return Array.from({ length: view.steps }, (_, n) => n).flatMap((n) => {
      const sums = new Array<number>(view.depth + 1).fill(0);
      for (let i = 0; i < COUNT; i++) {
        for (let d = 0; d < SIZE; d++) {
          const x = states[(i * (view.steps + 1) + n + 1) * SIZE + d]!;
          sums[view.depth]! += x * x;
          for (let k = 0; k < view.depth; k++) sums[k]! += x * xi[((i * view.steps + n) * view.depth + k) * SIZE + d]!;
        }
      }
      return sums.map((sum) => sum / (COUNT * SIZE));
    });
  });
  const [all, few] = [moments(), moments(32)];
  few.forEach((value, i) => { expect(Math.abs(value - all[i]!)).toBeLessThan(0.05); });
});
