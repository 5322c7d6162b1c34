import type { TimeGrid } from '../core/grid';
import { fillNormalRows } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { sizeOf } from '../core/shape';
import { embedRows } from '../nets/embedding';
import * as tf from '../runtime/tf';
import type { Denoiser } from './denoiser';

/** How well a denoiser does at one noise level. Errors are means over items and numbers of |x0 estimated − x0|². */
export interface DenoisingResult {
  /** Index into the fine grid. */
  readonly node: number;
  readonly logSnr: number;
  readonly error: number;
  /** Error of the best filter that knows nothing but the data's mean and variance: v σ²/(α² v + σ²). A model that denoises is below it. */
  readonly linear: number;
}

/** Nodes of the fine grid that are tried: spread evenly over the log-SNR, without both ends. */
export const TESTED_LEVELS = 5;

/**
 * Noises clean items [count, ...item] at several levels and asks the denoiser for them again. What was read wrongly on import (the prediction, the schedule, the
 * order of the weights) shows at once.
 */
export function denoisingTest(denoiser: Denoiser, clean: tf.Tensor, fine: TimeGrid, seed: number): DenoisingResult[] {
  const [count, ...itemShape] = clean.shape as [number, ...number[]];
  const size = sizeOf(itemShape);
  const variance = tf.tidy(() => tf.moments(clean).variance.dataSync()[0]!);
  const [first, last] = [fine.lambda[0]!, fine.lambda[fine.steps]!];
  return Array.from({ length: TESTED_LEVELS }, (_, k): DenoisingResult => {
    const wanted = first + ((last - first) * (k + 1)) / (TESTED_LEVELS + 1);
    const after = fine.lambda.findIndex((lambda) => lambda >= wanted);
    const node = Math.max(0, Math.min(fine.steps - 1, after));
    const [alpha, sigma, lambda] = [fine.alpha[node]!, fine.sigma[node]!, fine.lambda[node]!];
    const noise = new Float32Array(count * size);
    fillNormalRows(noise, 0, size, count, 'items', seed, STREAM.trainingNoise, 0, node);
    const error = tf.tidy(() => {
      const x = tf.add(tf.mul(clean, alpha), tf.mul(tf.tensor(noise, clean.shape), sigma));
      const embedding = tf.tensor2d(embedRows([lambda], 1, denoiser.features), [1, denoiser.features.size]);
      return tf.mean(tf.squaredDifference(denoiser.x0(x, { alpha, sigma, embedding }), clean)).dataSync()[0]!;
    });
    return { node, logSnr: 2 * lambda, error, linear: (variance * sigma ** 2) / (alpha ** 2 * variance + sigma ** 2) };
  });
}
