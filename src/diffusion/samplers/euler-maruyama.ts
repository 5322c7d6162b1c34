import * as tf from '../../runtime/tf';
import type { SamplerStep } from './sampler';

/**
 * Euler–Maruyama on the backward SDE in t (Song et al., arXiv 2011.13456, eq. 6): dx = (f x − g² score) dt + g dW with
 * f = d log alpha / dt, g² the diffusion and score = (alpha x0 − x) / sigma², time running down.
 */
export const eulerMaruyama: SamplerStep = ({ denoiser, schedule, grid, path }, n, x) => {
  const [alpha, sigma, t] = [grid.alpha[n]!, grid.sigma[n]!, grid.t[n]!];
  const x0 = denoiser.x0(x, { alpha, sigma, lambda: grid.lambda[n]! });
  const dt = t - grid.t[n + 1]!;
  const g2 = schedule.diffusionSquared(t);
  const score = g2 / (sigma * sigma);
  const keep = 1 - dt * schedule.drift(t) - dt * score;
  return { x: tf.add(tf.add(tf.mul(x, keep), tf.mul(x0, dt * score * alpha)), tf.mul(path.wiener(n), Math.sqrt(g2 * dt))) };
};
