import type { Solver } from './sampler';

/**
 * Euler–Maruyama on the backward SDE in t (Song et al., arXiv 2011.13456, eq. 6): dx = (f x − g² score) dt + g dW with
 * f = d log alpha / dt, g² the diffusion and score = (alpha x0 − x) / sigma², time running down.
 */
export const eulerMaruyama: Solver = {
  noise: 'wiener',
  multistep: false,
  coefficients({ schedule, grid }, n) {
    const [alpha, sigma, t] = [grid.alpha[n]!, grid.sigma[n]!, grid.t[n]!];
    const dt = t - grid.t[n + 1]!;
    const g2 = schedule.diffusionSquared(t);
    const score = g2 / (sigma * sigma);
    return { keep: 1 - dt * schedule.drift(t) - dt * score, drift: dt * score * alpha, noise: Math.sqrt(g2 * dt), bend: 0 };
  },
};
