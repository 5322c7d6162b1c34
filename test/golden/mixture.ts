import type { Denoiser } from '../../src/diffusion/denoiser';
import { lambdaFeatures } from '../../src/nets/embedding';
import { Recordings } from '../../src/runtime/recorded';
import * as tf from '../../src/runtime/tf';

export interface Mixture {
  readonly means: number[][];
  readonly weights: number[];
  readonly spread: number;
}

/** E[x_0 | x] of a mixture of Gaussians with one spread, as mixture.py computes it. */
export const mixtureDenoiser = ({ means, weights, spread }: Mixture): Denoiser => ({
  features: lambdaFeatures(0),
  name: 'mixture',
  recordings: new Recordings(),
  x0(x, { alpha, sigma }) {
    const noise = tf.square(sigma);
    const variance = tf.add(tf.mul(tf.square(alpha), spread ** 2), noise);
    const centres = tf.tensor2d(means);
    const distance = tf.sum(tf.square(tf.sub(tf.expandDims(x, 1), tf.mul(centres, alpha))), 2);
    const p = tf.softmax(tf.sub(tf.log(tf.tensor1d(weights)), tf.div(distance, tf.mul(variance, 2))));
    return tf.div(tf.add(tf.mul(x, tf.mul(alpha, spread ** 2)), tf.mul(tf.matMul(p as tf.Tensor2D, centres), noise)), variance);
  },
});
