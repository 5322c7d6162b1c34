import * as tf from '../../runtime/tf';
import { exponentialStep } from './ddpm';
import { extrapolated } from './dpmpp-2m';
import type { SamplerStep } from './sampler';

/** SDE-DPM-Solver++ 2M (Lu et al., arXiv 2211.01095, appendix; "midpoint" form): the exponential step with the x0 of DPM-Solver++ 2M. */
export const sdeDpmpp2m: SamplerStep = ({ denoiser, grid, path, settings }, n, x, previous) => {
  const x0 = denoiser.x0(x, { alpha: grid.alpha[n]!, sigma: grid.sigma[n]!, lambda: grid.lambda[n]! });
  const D = extrapolated(grid.lambda, n, x0, previous, settings.lowerOrderFinal);
  const { keep, drift, noise } = exponentialStep(grid, n);
  return { x: tf.add(tf.add(tf.mul(x, keep), tf.mul(D, drift)), tf.mul(path.signature(n, 1), noise)), memory: x0 };
};
