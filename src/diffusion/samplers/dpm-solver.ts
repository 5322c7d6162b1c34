import { levelAt } from '../../core/grid';
import { noiseIn, odeStep } from './exponential';
import { sum } from './form';
import type { Solver } from './sampler';

/**
 * The singlestep DPM-Solvers (Lu et al., arXiv 2206.00927, Algorithms 1 and 2): the probability-flow ODE in noise prediction, whose exact solution over h is
 *   x_to = (a_to/a) x − s_to ∫ e^u eps du.
 * They stop within a step at lambda + r h, at levels of the schedule that need not be nodes. DPM-Solver-1 is DDIM.
 */

/** DPM-Solver-2 with r = 1/2, order 2, two evaluations a step. */
export const dpmSolver2: Solver = (step, { grid, schedule }, n) => {
  const [at, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
  const h = to.lambda - at.lambda;
  const middle = schedule.levelOf(at.lambda + h / 2);
  const D = step.denoise(step.x, at);
  const u = sum([middle.alpha / at.alpha, step.x], [-middle.sigma * Math.expm1(h / 2), noiseIn(step.x, D, at)]);
  return { next: sum([to.alpha / at.alpha, step.x], [-to.sigma * Math.expm1(h), noiseIn(u, step.denoise(u, middle), middle)]) };
};

/** DPM-Solver-3 with r = 1/3 and 2/3, order 3, three evaluations a step. */
export const dpmSolver3: Solver = (step, { grid, schedule }, n) => {
  const [at, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
  const h = to.lambda - at.lambda;
  const [r1, r2] = [1 / 3, 2 / 3];
  const [level1, level2] = [schedule.levelOf(at.lambda + r1 * h), schedule.levelOf(at.lambda + r2 * h)];
  const eps = noiseIn(step.x, step.denoise(step.x, at), at);
  const u1 = sum([level1.alpha / at.alpha, step.x], [-level1.sigma * Math.expm1(r1 * h), eps]);
  const change1 = sum([1, noiseIn(u1, step.denoise(u1, level1), level1)], [-1, eps]);
  const u2 = sum([level2.alpha / at.alpha, step.x], [-level2.sigma * Math.expm1(r2 * h), eps], [-level2.sigma * (r2 / r1) * (Math.expm1(r2 * h) / (r2 * h) - 1), change1]);
  const change2 = sum([1, noiseIn(u2, step.denoise(u2, level2), level2)], [-1, eps]);
  return { next: sum([to.alpha / at.alpha, step.x], [-to.sigma * Math.expm1(h), eps], [(-to.sigma / r2) * (Math.expm1(h) / h - 1), change2]) };
};

/** DPM-Solver++ 2S (Lu et al., arXiv 2211.01095, Algorithm 1) with r = 1/2: the same in data prediction. Order 2, two evaluations a step. */
export const dpmpp2s: Solver = (step, { grid, schedule }, n) => {
  const [at, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
  const middle = schedule.levelOf((at.lambda + to.lambda) / 2);
  const half = odeStep(at, middle);
  const u = sum([half.keep, step.x], [half.drift, step.denoise(step.x, at)]);
  const { keep, drift } = odeStep(at, to);
  return { next: sum([keep, step.x], [drift, step.denoise(u, middle)]) };
};
