import { levelAt } from '../../core/grid';
import { sum } from './form';
import type { Solver } from './sampler';

/**
 * Euler–Maruyama on the backward SDE in t (Song et al., arXiv 2011.13456, eq. 6): dx = (f x − g² score) dt + g dW with
 * f = d log alpha / dt, g² the diffusion and score = (alpha D − x) / sigma², time running down. Strong order 1, as the noise is additive.
 */
export const eulerMaruyama: Solver = (step, { schedule, grid }, n) => {
  const at = levelAt(grid, n);
  const t = grid.t[n]!;
  const dt = t - grid.t[n + 1]!;
  const g2 = schedule.diffusionSquared(t);
  const score = g2 / (at.sigma * at.sigma);
  const D = step.denoise(step.x, at);
  return { next: sum([1 - dt * schedule.drift(t) - dt * score, step.x], [dt * score * at.alpha, D], [Math.sqrt(g2 * dt), step.wiener(n)]) };
};
