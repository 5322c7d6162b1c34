import { levelAt } from '../../core/grid';
import { odeStep } from './exponential';
import { sum, type Form } from './form';
import type { Solver, StepInput } from './sampler';

/**
 * DPM-Solver++ 2M (Lu et al., arXiv 2211.01095, Algorithm 2): the probability-flow ODE in data prediction, order 2 by the previous step's x0:
 * x_{n+1} = (sigma_{n+1}/sigma_n) x_n + alpha_{n+1} (1 − e^{−h}) D', D' as in `extrapolated`.
 */
export const dpmpp2m: Solver = (step, input, n) => {
  const at = levelAt(input.grid, n);
  const D = step.denoise(step.x, at);
  const { keep, drift } = odeStep(at, levelAt(input.grid, n + 1));
  return { next: sum([keep, step.x], [drift, extrapolated(D, step.memory[0], input, n)]), memory: [D] };
};

/**
 * D' = D_n + (D_n − D_{n−1}) / (2 r), r = h_{n−1} / h_n: the line through this x0 and the one before, read off at the middle of the step; D_n where there is none
 * before or order 1 is wanted.
 */
export function extrapolated(D: Form, before: Form | undefined, { grid: { lambda, steps }, settings }: StepInput, n: number): Form {
  if (before === undefined || (n === steps - 1 && settings.lowerOrderFinal)) return D;
  const r = (lambda[n]! - lambda[n - 1]!) / (lambda[n + 1]! - lambda[n]!);
  return sum([1 + 1 / (2 * r), D], [-1 / (2 * r), before]);
}
