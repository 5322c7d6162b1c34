import { describe, expect, test } from 'vitest';
import { coarsen, type TimeGrid } from '../../src/core/grid';
import { fillNormals } from '../../src/core/random/normal';
import { createSchedule } from '../../src/core/schedule';
import { areaBasis, signatureBasis, timeBasis } from '../../src/core/signature';
import type { Form, Term } from '../../src/diffusion/samplers/form';
import { SAMPLERS, SOLVER_NAMES, type SolverName } from '../../src/diffusion/samplers/names';
import { planStep, type NoiseRequest, type Solver } from '../../src/diffusion/samplers/sampler';
import { SOLVERS } from '../../src/diffusion/samplers/table';

/**
 * Data N(0, S²), where E[x0 | x] and the solutions of the ODE and of the SDE are known. The solvers' own plans are carried out in float64, so that nothing but the
 * error of the method is seen.
 */
const S2 = 0.6 ** 2;
const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });

/** t of a λ, by bisection. */
function timeOf(lambda: number): number {
  let [low, high] = [1e-6, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (schedule.lambda(middle) > lambda) low = middle;
    else high = middle;
  }
  return low;
}

/** Steps of equal length in λ. */
function gridOver(from: number, to: number, steps: number): TimeGrid {
  const levels = Array.from({ length: steps + 1 }, (_, i) => schedule.levelOf(from + ((to - from) * i) / steps));
  const column = (name: 'alpha' | 'sigma' | 'lambda') => Float64Array.from(levels, (level) => level[name]);
  return { t: Float64Array.from(levels, ({ lambda }) => timeOf(lambda)), alpha: column('alpha'), sigma: column('sigma'), lambda: column('lambda'), steps };
}

/** Where a solver comes from x on a grid of `steps` of the fine steps, under the noise of each path. */
function follow(solver: Solver, fine: TimeGrid, steps: number, x: number, paths: readonly Float64Array[]): number[] {
  const indices = Int32Array.from({ length: steps + 1 }, (_, i) => (i * fine.steps) / steps);
  const grid = coarsen(fine, indices);
  /** For each term of a request its value on every path. */
  const noiseOf = (request: NoiseRequest): number[][] => {
    const [from, to] = request.kind === 'part' ? [request.from, request.to] : [indices[request.n]!, indices[request.n + 1]!];
    const count = to - from;
    const basis = request.kind === 'areas' ? areaBasis(fine, from, to) : request.kind === 'wiener' ? timeBasis(fine, from, to) : signatureBasis(fine, from, to, 1);
    return Array.from({ length: basis.length / count }, (_, k) => paths.map((z) => basis.subarray(k * count, (k + 1) * count).reduce((sum, q, j) => sum + q * z[from + j]!, 0)));
  };
  let carried = [paths.map(() => x)];
  for (let n = 0; n < steps; n++) {
    const plan = planStep(solver, { schedule, grid, within: { fine, indices }, settings: { lowerOrderFinal: false } }, n, carried.length - 1);
    const terms = new Map<Term, number[]>(carried.map((values, i) => [`carried ${i}`, values]));
    plan.noise.flatMap(noiseOf).forEach((values, i) => terms.set(`noise ${i}`, values));
    const valuesOf = (form: Form): number[] => paths.map((_, i) => [...form].reduce((total, [term, factor]) => total + factor * terms.get(term)![i]!, 0));
    plan.evaluations.forEach(({ at: { alpha, sigma }, state }, i) => terms.set(`x0 ${i}`, valuesOf(state).map((value) => (alpha * S2 * value) / (alpha ** 2 * S2 + sigma ** 2))));
    carried = plan.carried.map(valuesOf);
  }
  return carried[0]!;
}

/** The slope of log error against log step length between two counts. */
const orderOf = (error: (steps: number) => number, few: number, many: number): number => Math.log(error(few) / error(many)) / Math.log(many / few);

const solversOf = (kind: 'ode' | 'sde'): SolverName[] => SOLVER_NAMES.filter((name) => SAMPLERS[name].kind === kind);

describe('the ODE solvers converge on Gaussian data at the order that the table has', () => {
  // From where D hardly changes, so that the first steps of multistep solvers, which are of lower order, cost nothing; to several ends, since an error may pass zero.
  const from = -6;
  const ends = [0, 1, 2];
  const deviation = (lambda: number): number => { const { alpha, sigma } = schedule.levelOf(lambda); return Math.sqrt(alpha ** 2 * S2 + sigma ** 2); };
  test.each(solversOf('ode'))('%s', (name) => {
    const errorTo = (to: number, steps: number): number => follow(SOLVERS[name], gridOver(from, to, steps), steps, 1, [new Float64Array(steps)])[0]! - deviation(to) / deviation(from);
    const error = (steps: number): number => Math.hypot(...ends.map((to) => errorTo(to, steps)));
    expect(Math.abs(orderOf(error, 160, 320) - SAMPLERS[name].order!)).toBeLessThan(0.2);
  });
});

describe('the SDE solvers converge on Gaussian data along a Brownian path at the strong order that the table has', () => {
  const fine = gridOver(-1.5, 1.5, 2048);
  const theta = fine.lambda.map((lambda) => Math.exp(2 * lambda));
  const start = 0.7;
  const paths = Array.from({ length: 200 }, (_, item) => {
    const z = new Float64Array(fine.steps);
    fillNormals(z, 0, z.length, 5, 6, item, 0);
    return z;
  });
  /** With U = V / (1 + S² θ): dU = dB / (1 + S² θ), B straight within the fine steps. */
  const exact = paths.map((z) => {
    let U = (start * theta[0]!) / fine.alpha[0]! / (1 + S2 * theta[0]!);
    z.forEach((noise, j) => {
      const length = theta[j + 1]! - theta[j]!;
      U += (noise * Math.log1p((S2 * length) / (1 + S2 * theta[j]!))) / (S2 * Math.sqrt(length));
    });
    return (U * (1 + S2 * theta[fine.steps]!) * fine.alpha[fine.steps]!) / theta[fine.steps]!;
  });
  // Where the drift is linear, as here, what W and H leave open is of mean zero and of order 2.5 in a step: half an order more than of any drift.
  const linear: Partial<Record<SolverName, number>> = { sra1: 2, shark: 2 };
  test.each(solversOf('sde'))('%s', (name) => {
    const error = (steps: number): number => Math.sqrt(follow(SOLVERS[name], fine, steps, start, paths).reduce((sum, end, i) => sum + (end - exact[i]!) ** 2, 0) / paths.length);
    expect(Math.abs(orderOf(error, 32, 128) - (linear[name] ?? SAMPLERS[name].order!))).toBeLessThan(0.2);
  });
});
