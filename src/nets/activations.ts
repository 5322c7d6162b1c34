import * as tf from '../runtime/tf';
import { silu } from './layers';
import type { Activation } from './unet2d-config';

type Pointwise = <T extends tf.Tensor>(x: T) => T;

/** x Φ(x), with the exact distribution function as PyTorch has it, not its tanh approximation (Hendrycks & Gimpel, arXiv 1606.08415). */
const gelu: Pointwise = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

/** Above this softplus(x) = x in float32, and the square below would overflow later. */
const LINEAR_FROM = 20;

/** x tanh(softplus(x)) (Misra, arXiv 1908.08681). tanh(log(1 + e)) = n / (n + 2) with n = e (e + 2), e = exp(x): no logarithm, no cancellation. */
const mish: Pointwise = (x) => {
  const e = tf.exp(tf.minimum(x, LINEAR_FROM));
  const n = tf.mul(e, tf.add(e, 2));
  return tf.mul(x, tf.div(n, tf.add(n, 2)));
};

/** The activations that diffusers' UNet2DModel knows, by its names. */
export const ACTIVATION: Readonly<Record<Activation, Pointwise>> = { silu, swish: silu, mish, gelu, relu: tf.relu };
