import { levelAt, type TimeGrid } from '../../core/grid';
import { exponentialAdams } from './adams';
import { exponentialStep } from './exponential';
import { sum, type Form } from './form';
import { orderAt } from './order';
import type { Solver } from './sampler';

/**
 * SA-Solver (Xue et al., arXiv 2309.05019) with tau = 1, which is the backward SDE: an Adams predictor of two steps in data prediction, and when the next step has
 * evaluated the denoiser there, a corrector under the same noise at no further evaluation. Order 2 in the drift, strong order 1.
 */
export const saSolver: Solver = (step, input, n) => {
  const [last, z, ...before] = step.memory;
  const D = step.denoise(step.x, levelAt(input.grid, n));
  const x = last === undefined ? step.x : corrected(input.grid, n - 1, last, z!, D, before[0]!);
  const answers = [D, ...before].slice(0, 2);
  const noise = step.signature(n);
  return { next: predicted(input.grid, n, x, noise, answers.slice(0, orderAt(2, input, n))), memory: [x, noise, ...answers] };
};

/** 1 + tau²: the kernel of the drift is e^{c u}. */
const C = 2;

/** (h c − 1 + e^{−c h}) / c² = ∫_0^h e^{c (u − h)} u du: what the paper's code replaces by its limit where two answers are used (its appendix: for few steps). */
const firstMoment = (h: number): number => (h * C + Math.expm1(-C * h)) / (C * C);

function predicted({ alpha, sigma, lambda }: TimeGrid, n: number, x: Form, z: Form, answers: readonly Form[]): Form {
  const [at, to] = [levelAt({ alpha, sigma, lambda }, n), levelAt({ alpha, sigma, lambda }, n + 1)];
  const h = to.lambda - at.lambda;
  const weights = exponentialAdams(C, h, answers.map((_, k) => lambda[n - k]! - at.lambda));
  if (answers.length === 2) {
    const shift = (h * h / 2 - firstMoment(h)) / (at.lambda - lambda[n - 1]!);
    return moved(at, to, x, z, [[weights[0]! + shift, answers[0]!], [weights[1]! - shift, answers[1]!]]);
  }
  return moved(at, to, x, z, [[weights[0]!, answers[0]!]]);
}

function corrected(grid: TimeGrid, n: number, x: Form, z: Form, D: Form, before: Form): Form {
  const [at, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
  const h = to.lambda - at.lambda;
  const [now, then] = exponentialAdams(C, h, [h, 0]) as [number, number];
  const shift = h / 2 - firstMoment(h) / h;
  return moved(at, to, x, z, [[now + shift, D], [then - shift, before]]);
}

function moved(at: ReturnType<typeof levelAt>, to: ReturnType<typeof levelAt>, x: Form, z: Form, drift: readonly (readonly [number, Form])[]): Form {
  const { keep, noise } = exponentialStep(at, to);
  return sum([keep, x], ...drift.map(([weight, D]) => [C * to.alpha * weight, D] as const), [noise, z]);
}
