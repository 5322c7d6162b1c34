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

/**
 * A denoiser made of a network, its weights (which must not change any more) and what its numbers stand for. `recordings` must be disposed of; the weights are the caller's.
 * @param clip holds x0 within ± this, where the model's own sampler does.
 */
export const netDenoiser = (net: Net, weights: Weights, parametrisation: Parametrisation, clip: number | null = null): Denoiser => ({
  features: net.features,
  x0(x, { alpha, sigma, embedding }) {
    const x0 = toX0(parametrisation, net.apply(weights, [netInput(parametrisation, x, alpha, sigma)], embedding), x, alpha, sigma);
    return clip === null ? x0 : tf.clipByValue(x0, -clip, clip);
  },
  recordings: new Recordings(),
  name: 'x0',
});

/** The same denoiser with x0 held within [low, high], as is usual for images ("clip sample"). */
export const clamped = (denoiser: Denoiser, low: number, high: number): Denoiser => ({
  ...denoiser,
  x0: (x, at) => tf.clipByValue(denoiser.x0(x, at), low, high),
  name: `${denoiser.name} in [${low}, ${high}]`,
});
