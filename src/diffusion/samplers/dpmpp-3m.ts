import { levelAt, type TimeGrid } from '../../core/grid';
import { exponentialStep, odeStep } from './exponential';
import { sum, type Form } from './form';
import { orderAt } from './order';
import type { Solver } from './sampler';

/** DPM-Solver++ 3M (Lu et al., arXiv 2211.01095): 2M with one answer more, of order 2 as well, see `bends`. */
export const dpmpp3m: Solver = (step, input, n) => {
  const [at, to] = [levelAt(input.grid, n), levelAt(input.grid, n + 1)];
  const answers = [step.denoise(step.x, at), ...step.memory].slice(0, 3);
  const { keep, drift } = odeStep(at, to);
  return { next: sum([keep, step.x], [drift, answers[0]!], ...bends(input.grid, n, 1, answers.slice(0, orderAt(3, input, n)))), memory: answers.slice(0, 2) };
};

/** SDE-DPM-Solver++ 3M: the exponential step of the backward SDE with the bends of 3M for its kernel e^{2u}. Strong order 1. */
export const sdeDpmpp3m: Solver = (step, input, n) => {
  const [at, to] = [levelAt(input.grid, n), levelAt(input.grid, n + 1)];
  const answers = [step.denoise(step.x, at), ...step.memory].slice(0, 3);
  const { keep, drift, noise } = exponentialStep(at, to);
  return {
    next: sum([keep, step.x], [drift, answers[0]!], ...bends(input.grid, n, 2, answers.slice(0, orderAt(3, input, n))), [noise, step.signature(n)]),
    memory: answers.slice(0, 2),
  };
};

/**
 * What the answers before add for the kernel e^{c u}: with D1 and D2 from divided differences (times h and h²), p1 = ∫ kernel u/h and p2 = ½ ∫ kernel (u/h)²,
 *   order 2  ½ ∫ kernel · D1 (the midpoint form of 2M);    order 3  p1 D1 + p2 D2.
 * With the authors' D2 (h²/2 times the second derivative) p2 has half of its due weight; so it is in all published code, and here, and leaves order 2.
 */
function bends({ alpha, lambda }: TimeGrid, n: number, c: 1 | 2, [D0, D1, D2]: readonly Form[]): (readonly [number, Form])[] {
  if (D1 === undefined) return [];
  const h = lambda[n + 1]! - lambda[n]!;
  const r0 = (lambda[n]! - lambda[n - 1]!) / h;
  const slope0 = sum([1 / r0, D0!], [-1 / r0, D1]);
  const a = alpha[n + 1]!;
  if (D2 === undefined) return [[-0.5 * a * Math.expm1(-c * h), slope0]];
  const r1 = (lambda[n - 1]! - lambda[n - 2]!) / h;
  const slope1 = sum([1 / r1, D1], [-1 / r1, D2]);
  const p1 = Math.expm1(-c * h) / (c * h) + 1;
  const bend = sum([1 / (r0 + r1), slope0], [-1 / (r0 + r1), slope1]);
  return [[a * p1, sum([1, slope0], [r0, bend])], [a * (0.5 - p1 / (c * h)), bend]];
}
