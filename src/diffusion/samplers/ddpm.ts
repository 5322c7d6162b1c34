import { levelAt } from '../../core/grid';
import { exponentialStep } from './exponential';
import { sum } from './form';
import type { Solver } from './sampler';

/**
 * Ancestral sampling of DDPM (Ho et al., arXiv 2006.11239) with the posterior's variance, on any grid. It is the exponential integrator of the backward
 * SDE with x0 held fixed over the step, SDE-DPM-Solver++ of order 1 (Lu et al., arXiv 2211.01095), and, for x/alpha in the variable sigma/alpha, "Euler ancestral":
 *   x_{n+1} = (s_{n+1}/s_n) e^{−h} x_n + a_{n+1} (1 − e^{−2h}) D + s_{n+1} sqrt(1 − e^{−2h}) z,   h = lambda_{n+1} − lambda_n. Strong order 1.
 */
export const ddpm: Solver = (step, { grid }, n) => {
  const at = levelAt(grid, n);
  const D = step.denoise(step.x, at);
  const { keep, drift, noise } = exponentialStep(at, levelAt(grid, n + 1));
  return { next: sum([keep, step.x], [drift, D], [noise, step.signature(n)]) };
};
