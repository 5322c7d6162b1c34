import { embedRows, type TimeFeatures } from '../nets/embedding';
import type { Net } from '../nets/net';
import type { Weights } from '../nets/parameters';
import { recorded } from '../runtime/recorded';
import * as tf from '../runtime/tf';

export const PREDICTIONS = ['v', 'epsilon', 'x0'] as const;
/** What a denoiser's network predicts: v = alpha eps − sigma x0 (Salimans & Ho, arXiv 2202.00512), the noise eps, or the clean item x0. */
export type Prediction = (typeof PREDICTIONS)[number];

/** A moment of the forward process x_t = alpha x_0 + sigma eps; lambda = log(alpha / sigma). */
export interface NoiseLevel {
  readonly alpha: number;
  readonly sigma: number;
  readonly lambda: number;
}

/** A trained diffusion model as samplers see it: the expected clean item given the noisy one. */
export interface Denoiser {
  /** E[x_0 | x_t] for x [batch, ...item], all items at one noise level. */
  x0(x: tf.Tensor, at: NoiseLevel): tf.Tensor;
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
  }
}

export interface NetDenoiser extends Denoiser {
  readonly features: TimeFeatures;
  /** As `x0`, with the time's features given [batch or 1, embedding] and levels that may differ from item to item. */
  x0Embedded(x: tf.Tensor, alpha: number | tf.Tensor, sigma: number | tf.Tensor, embedding: tf.Tensor2D): tf.Tensor;
  /** Frees what the engine keeps for it; not the weights. */
  dispose(): void;
}

/**
 * A denoiser made of a network, its weights (which must not change any more) and what it predicts.
 * @param clip holds x0 within ± this, where the model's own sampler does.
 */
export function netDenoiser(net: Net, weights: Weights, prediction: Prediction, clip: number | null = null): NetDenoiser {
  const x0Embedded: NetDenoiser['x0Embedded'] = (x, alpha, sigma, embedding) => {
    const x0 = toX0(prediction, net.apply(weights, [x], embedding), x, alpha, sigma);
    return clip === null ? x0 : tf.clipByValue(x0, -clip, clip);
  };
  const evaluate = recorded(({ x, alpha, sigma, embedding }) => [x0Embedded(x!, alpha!, sigma!, embedding as tf.Tensor2D)]);
  return {
    features: net.features,
    x0Embedded,
    x0(x, { alpha, sigma, lambda }) {
      return tf.tidy(() => {
        const features = embedRows([lambda], 1, net.features);
        return evaluate({ x, alpha: tf.scalar(alpha), sigma: tf.scalar(sigma), embedding: tf.tensor2d(features, [1, features.length]) })[0]!;
      });
    },
    dispose: () => { evaluate.dispose(); },
  };
}

/** The same denoiser with x0 held within [low, high], as is usual for images ("clip sample"). */
export function clamped(denoiser: Denoiser, low: number, high: number): Denoiser {
  return { x0: (x, at) => tf.clipByValue(denoiser.x0(x, at), low, high) };
}
