import { toldOf, type Condition } from '../nets/condition';
import type { TimeFeatures } from '../nets/embedding';
import type { Net } from '../nets/net';
import type { Weights } from '../nets/parameters';
import { Recordings } from '../runtime/recorded';
import * as tf from '../runtime/tf';
import { netInput, toX0, type Parametrisation } from './parametrisation';

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
  /** What a U-Net makes of x in its middle [batch, height, width, channels]; other networks have none. */
  middle?: ((x: tf.Tensor, at: NoiseLevel) => tf.Tensor4D) | undefined;
  /** Where what is recorded of it is kept, and its name there. */
  readonly recordings: Recordings;
  readonly name: string;
}

/**
 * A denoiser made of a network, its weights (which must not change any more) and what its numbers stand for. `recordings` must be disposed of; the weights are the caller's.
 * With a guidance scale w it is D(none) + w (D(class) − D(none)) (Ho & Salimans, arXiv 2207.12598, eq. 6): two evaluations, as one batch of twice the size. Whatever
 * is predicted, x0 is affine in it, so that predictions are combined.
 * @param clip holds x0 within ± this, where the model's own sampler does.
 */
export const netDenoiser = (net: Net, weights: Weights, parametrisation: Parametrisation, clip: number | null = null): Denoiser => ({
  features: net.features,
  x0(x, { alpha, sigma, embedding, condition }) {
    const input = netInput(parametrisation, x, alpha, sigma);
    const output = condition ? conditional(net, weights, input, embedding, condition) : net.apply(weights, [input], embedding);
    const x0 = toX0(parametrisation, output, x, alpha, sigma);
    return clip === null ? x0 : tf.clipByValue(x0, -clip, clip);
  },
  middle: net.middle && ((x, { alpha, sigma, embedding, condition }) =>
    net.middle!(weights, [netInput(parametrisation, x, alpha, sigma)], condition ? toldOf(embedding, net.features.size, condition.classes) : embedding)),
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
