import { toldOf, type Condition } from '../nets/condition';
import type { TimeFeatures } from '../nets/embedding';
import type { Net } from '../nets/net';
import type { Weights } from '../nets/parameters';
import { Recordings } from '../runtime/recorded';
import * as tf from '../runtime/tf';
import type { Prediction } from './predictions';

/**
 * A moment of the forward process x_t = alpha x_0 + sigma eps as tensors: levels that broadcast with x, one for all items or one for each, and the features of
 * lambda = log(alpha / sigma) [batch or 1, embedding].
 */
export interface NoiseLevel {
  readonly alpha: tf.Tensor | number;
  readonly sigma: tf.Tensor | number;
  readonly embedding: tf.Tensor2D;
  /** Of a class-conditional model, and only of such. */
  readonly condition?: Condition | undefined;
}

/** A trained diffusion model as samplers see it: the expected clean item given the noisy one. */
export interface Denoiser {
  /** What its network is told of the time. */
  readonly features: TimeFeatures;
  /** E[x_0 | x_t] for x [batch, ...item]. A pure function of its tensors, so that it can be a part of a recording. */
  x0(x: tf.Tensor, at: NoiseLevel): tf.Tensor;
  /** Where what is recorded of it is kept, and its name there. */
  readonly recordings: Recordings;
  readonly name: string;
}

/** The clean item that a prediction stands for. The only place where predictions are converted. */
export function toX0(prediction: Prediction, output: tf.Tensor, x: tf.Tensor, alpha: number | tf.Tensor, sigma: number | tf.Tensor): tf.Tensor {
  switch (prediction) {
    case 'v':
      return tf.sub(tf.mul(x, alpha), tf.mul(output, sigma));
    case 'epsilon':
      return tf.div(tf.sub(x, tf.mul(output, sigma)), alpha);
    case 'x0':
      return output;
    case 'flow':
      return tf.div(tf.sub(x, tf.mul(output, sigma)), tf.add(alpha, sigma));
  }
}

/** What the network is trained to output for a clean item and its noise. */
export function targetOf(prediction: Prediction, x0: tf.Tensor, epsilon: tf.Tensor, alpha: tf.Tensor, sigma: tf.Tensor): tf.Tensor {
  switch (prediction) {
    case 'v':
      return tf.sub(tf.mul(epsilon, alpha), tf.mul(x0, sigma));
    case 'epsilon':
      return epsilon;
    case 'x0':
      return x0;
    case 'flow':
      return tf.sub(epsilon, x0);
  }
}

/**
 * A denoiser made of a network, its weights (which must not change any more) and what it predicts. `recordings` must be disposed of; the weights are the caller's.
 * With a guidance scale w it is D(none) + w (D(class) − D(none)) (Ho & Salimans, arXiv 2207.12598, eq. 6): two evaluations, as one batch of twice the size. Whatever
 * is predicted, x0 is affine in it, so that predictions are combined.
 * @param clip holds x0 within ± this, where the model's own sampler does.
 */
export const netDenoiser = (net: Net, weights: Weights, prediction: Prediction, clip: number | null = null): Denoiser => ({
  features: net.features,
  x0(x, { alpha, sigma, embedding, condition }) {
    const output = condition ? conditional(net, weights, x, embedding, condition) : net.apply(weights, [x], embedding);
    const x0 = toX0(prediction, output, x, alpha, sigma);
    return clip === null ? x0 : tf.clipByValue(x0, -clip, clip);
  },
  recordings: new Recordings(),
  name: 'x0',
});

function conditional(net: Net, weights: Weights, x: tf.Tensor, embedding: tf.Tensor2D, { classes, guidance }: Condition): tf.Tensor {
  const told = (of: tf.Tensor2D): tf.Tensor2D => toldOf(embedding, net.features.size, of);
  if (guidance === undefined) return net.apply(weights, [x], told(classes));
  const both = net.apply(weights, [tf.concat([x, x], 0)], tf.concat2d([told(tf.zerosLike(classes)), told(classes)], 0));
  const [free, own] = tf.split(both, 2) as [tf.Tensor, tf.Tensor];
  return tf.add(free, tf.mul(tf.sub(own, free), tf.reshape(guidance, [-1, ...x.shape.slice(1).map(() => 1)])));
}

/** The same denoiser with x0 held within [low, high], as is usual for images ("clip sample"). */
export const clamped = (denoiser: Denoiser, low: number, high: number): Denoiser => ({
  ...denoiser,
  x0: (x, at) => tf.clipByValue(denoiser.x0(x, at), low, high),
  name: `${denoiser.name} in [${low}, ${high}]`,
});
