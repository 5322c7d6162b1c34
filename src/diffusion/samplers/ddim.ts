import { levelAt } from '../../core/grid';
import { odeStep } from './exponential';
import { sum } from './form';
import { NOISE_SETTINGS } from './names';
import type { Solver } from './sampler';

/**
 * DDIM (Song et al., arXiv 2010.02502) with eta = 0: x_{n+1} = alpha_{n+1} D + sigma_{n+1} eps, eps = (x_n − alpha_n D) / sigma_n. Deterministic, order 1. It is
 * DPM-Solver-1 and DPM-Solver++ of order 1, and Euler's method for x/alpha in the variable sigma/alpha (Karras et al., arXiv 2206.00364; "Euler" in other programs).
 */
export const ddim: Solver = (step, { grid }, n) => {
  const at = levelAt(grid, n);
  const D = step.denoise(step.x, at);
  const { keep, drift } = odeStep(at, levelAt(grid, n + 1));
  return { next: sum([keep, step.x], [drift, D]) };
};

/**
 * DDIM with some of the noise of ancestral sampling (the same paper, eq. 12 and 16): s = eta times the posterior's deviation,
 *   x_{n+1} = alpha_{n+1} D + sqrt(sigma_{n+1}² − s²) eps + s z.
 * eta = 1 is ancestral sampling. Of order 1 in distribution; for eta < 1 another SDE than the backward one, so that it does not tend to its path.
 */
export const ddimEta: Solver = (step, { grid, settings: { eta = NOISE_SETTINGS.eta.usual } }, n) => {
  const [at, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
  const D = step.denoise(step.x, at);
  const deviation = eta * to.sigma * Math.sqrt(-Math.expm1(2 * (at.lambda - to.lambda)));
  const keep = Math.sqrt(to.sigma ** 2 - deviation ** 2) / at.sigma;
  return { next: sum([keep, step.x], [to.alpha - keep * at.alpha, D], [deviation, step.signature(n)]) };
};
