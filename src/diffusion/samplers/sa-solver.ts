import { levelAt, type TimeGrid } from '../../core/grid';
import type { Level } from '../../core/schedule';
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

/** ∫_0^h e^{c (u − h)} u du, in whose place the authors' code has its limit h²/2 where two answers are used: of the same order, and better with few steps. */
const firstMoment = (h: number): number => (h * C + Math.expm1(-C * h)) / (C * C);

function predicted(grid: TimeGrid, n: number, x: Form, z: Form, [D, before]: readonly Form[]): Form {
  const [at, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
  const h = to.lambda - at.lambda;
  if (before === undefined) return moved(at, to, x, z, [[exponentialAdams(C, h, [0])[0]!, D!]]);
  const back = grid.lambda[n - 1]! - at.lambda;
  const [now, then] = exponentialAdams(C, h, [0, back]) as [number, number];
  const shift = (firstMoment(h) - (h * h) / 2) / back;
  return moved(at, to, x, z, [[now + shift, D!], [then - shift, before]]);
}

function corrected(grid: TimeGrid, n: number, x: Form, z: Form, D: Form, before: Form): Form {
  const [at, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
  const h = to.lambda - at.lambda;
  const [now, then] = exponentialAdams(C, h, [h, 0]) as [number, number];
  const shift = h / 2 - firstMoment(h) / h;
  return moved(at, to, x, z, [[now + shift, D], [then - shift, before]]);
}

function moved(at: Level, to: Level, x: Form, z: Form, drift: readonly (readonly [weight: number, D: Form])[]): Form {
  const { keep, noise } = exponentialStep(at, to);
  return sum([keep, x], ...drift.map(([weight, D]) => [C * to.alpha * weight, D] as const), [noise, z]);
}
