import * as tf from '../../runtime/tf';
import type { SamplerStep } from './sampler';

/** DDIM (Song et al., arXiv 2010.02502) with eta = 0: x_{n+1} = alpha_{n+1} x0 + sigma_{n+1} eps, eps = (x_n − alpha_n x0) / sigma_n. Deterministic. */
export const ddim: SamplerStep = ({ denoiser, grid }, n, x) => {
  const x0 = denoiser.x0(x, { alpha: grid.alpha[n]!, sigma: grid.sigma[n]!, lambda: grid.lambda[n]! });
  const ratio = grid.sigma[n + 1]! / grid.sigma[n]!;
  return { x: tf.add(tf.mul(x, ratio), tf.mul(x0, grid.alpha[n + 1]! - grid.alpha[n]! * ratio)) };
};
