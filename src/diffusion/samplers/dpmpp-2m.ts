import * as tf from '../../runtime/tf';
import type { SamplerStep } from './sampler';

/**
 * DPM-Solver++ 2M (Lu et al., arXiv 2211.01095, Algorithm 2): the probability-flow ODE in data prediction, second order by the previous
 * step's x0. With r = h_{n−1} / h_n: D = x0_n + (x0_n − x0_{n−1}) / (2 r), x_{n+1} = (sigma_{n+1}/sigma_n) x_n + alpha_{n+1} (1 − e^{−h}) D.
 */
export const dpmpp2m: SamplerStep = ({ denoiser, grid, settings }, n, x, previous) => {
  const x0 = denoiser.x0(x, { alpha: grid.alpha[n]!, sigma: grid.sigma[n]!, lambda: grid.lambda[n]! });
  const h = grid.lambda[n + 1]! - grid.lambda[n]!;
  const D = extrapolated(grid.lambda, n, x0, previous, settings.lowerOrderFinal);
  return { x: tf.add(tf.mul(x, grid.sigma[n + 1]! / grid.sigma[n]!), tf.mul(D, -grid.alpha[n + 1]! * Math.expm1(-h))), memory: x0 };
};

/** x0 at the middle of the step, by the line through this evaluation and the one before; x0 itself where there is none or order 1 is wanted. */
export function extrapolated(lambda: ArrayLike<number>, n: number, x0: tf.Tensor, previous: tf.Tensor | undefined, lowerOrderFinal: boolean): tf.Tensor {
  const last = n === lambda.length - 2;
  if (previous === undefined || (last && lowerOrderFinal)) return x0;
  const r = (lambda[n]! - lambda[n - 1]!) / (lambda[n + 1]! - lambda[n]!);
  return tf.add(x0, tf.mul(tf.sub(x0, previous), 1 / (2 * r)));
}
