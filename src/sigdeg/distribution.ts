import type { NoiseSchedule } from '../core/schedule';
import { fillNormalRows } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { sizeOf } from '../core/shape';
import type { Denoiser } from '../diffusion/denoiser';
import type { Condition } from '../nets/condition';
import { embedRows } from '../nets/embedding';
import type { HostArray } from '../nets/trainer';
import * as tf from '../runtime/tf';

/** What a loss on single paths cannot see: how far the student's items are, as a set, from its teacher's. */
export interface DistributionTerm {
  /** What it needs beside the items of a batch. */
  batch(items: number, step: number): Record<string, HostArray>;
  /** The weighted distance between the student's items x and the teacher's y of the same paths [batch, ...item]. */
  loss(x: tf.Tensor, y: tf.Tensor, inputs: Record<string, tf.Tensor>, condition: Condition | undefined): tf.Scalar;
}

/**
 * λ at which the teacher looks at images, of data with unit variance (alpha 0.6): noisy enough for its middle to tell what they show, not only how clean they are. At alpha 0.9
 * the same students were 22.7, 14.1, 14.2 from the teacher in place of 23.1, 13.8, 13.5, at a larger path RMSE.
 */
const LAMBDA = -0.29;

/**
 * The energy distance between what student and teacher make of the same noise. A regression student answers what it cannot know of its long steps with an average, and
 * averages are too alike: each is near its teacher's item, and all together have too little variance, which no loss on single paths tells. Images are compared in
 * the middle of the teacher's own U-Net, which sees them under the same noise: by the mean and the root mean square of each channel over the image, and place by place.
 * So no network takes part that a metric is measured with. Vectors are compared as they are.
 *
 * Both sets are of the same paths, and a student is near its teacher on each, so that most of the chance in the estimate cancels: a batch of 64 is enough. Measured, MNIST, 600
 * steps of tuning, 2048 samples, Fréchet distance at 1, 2, 3 steps 40.4, 21.5, 20.4 → 23.1, 13.8, 13.5 (floor 10.6), path RMSE 0.32, 0.29, 0.28 → 0.34, 0.31, 0.30.
 * There is an end to it: after 3000 steps the term is within its own chance (0.3 over 30 batches, at weight 10), and 3000 more took the same students from 11.0, 4.9, 4.5 to 12.1,
 * 6.4, 5.6 (10 000 samples), path RMSE 0.36, 0.32, 0.31 → 0.37, 0.34, 0.33.
 */
export function distributionTerm(teacher: Denoiser, { levelOf, sigmaData = 1 }: Pick<NoiseSchedule, 'levelOf' | 'sigmaData'>, itemShape: readonly number[], weight: number, seed: number): DistributionTerm {
  const { alpha, sigma, lambda } = levelOf(LAMBDA - Math.log(sigmaData));
  const size = sizeOf(itemShape);
  const { middle } = teacher;
  if (!middle) {
    return {
      batch: () => ({}),
      loss: (x, y) => tf.mul(pairedEnergyDistance(tf.expandDims(x, 0), tf.expandDims(y, 0)), weight),
    };
  }
  return {
    batch(items, step) {
      const noise = new Float32Array(items * size);
      fillNormalRows(noise, 0, size, items, 'items', seed, STREAM.trainingNoise, 0, step);
      return {
        'look.noise': { shape: [items, ...itemShape], data: noise },
        'look.embedding': { shape: [1, teacher.features.size], data: embedRows([lambda], 1, teacher.features) },
      };
    },
    loss(x, y, inputs, condition) {
      const noise = tf.mul(inputs['look.noise']!, sigma);
      const embedding = inputs['look.embedding'] as tf.Tensor2D;
      const seen = (items: tf.Tensor): tf.Tensor4D => middle(tf.add(tf.mul(items, alpha), noise), { alpha, sigma, embedding, condition });
      const [student, aim] = [seen(x), seen(y)];
      return tf.mul(tf.add(pairedEnergyDistance(overall(student), overall(aim)), pairedEnergyDistance(byPlace(student), byPlace(aim))), weight);
    },
  };
}

/** Mean and root mean square of each channel [1, batch, 2 · channels]. */
function overall(h: tf.Tensor4D): tf.Tensor3D {
  const meanSquare = tf.mean(tf.square(h), [1, 2]);
  return tf.expandDims(tf.concat([tf.mean(h, [1, 2]), tf.sqrt(tf.add(meanSquare, SMALLEST))], 1), 0);
}

/** [places, batch, channels]. */
function byPlace(h: tf.Tensor4D): tf.Tensor3D {
  const [batch, height, width, channels] = h.shape;
  return tf.transpose(tf.reshape(h, [batch, height * width, channels]), [1, 0, 2]);
}

/** Under a root, whose slope at zero has no end. */
const SMALLEST = 1e-6;

/**
 * 2 E|X − Y| − E|X − X'| − E|Y − Y'| (Székely and Rizzo 2013, equation 6) of a batch, the mean over groups of features; a, b [groups, batch, features]. Unbiased where item i
 * of both is drawn together: no mean runs over pairs of the same i. So, unlike the metric, it can be below zero.
 */
export function pairedEnergyDistance(a: tf.Tensor3D, b: tf.Tensor3D): tf.Scalar {
  const [groups, batch] = a.shape;
  const pairs = groups * batch * (batch - 1);
  const across = tf.sub(tf.sum(distances(a, b)), tf.sum(rootOf(tf.sum(tf.squaredDifference(a, b), 2))));
  const own = tf.add(tf.sum(distances(a, a)), tf.sum(distances(b, b)));
  // An item's distance to itself is the smallest root there is.
  return tf.div(tf.add(tf.sub(tf.mul(across, 2), own), 2 * groups * batch * Math.sqrt(SMALLEST)), pairs);
}

const rootOf = <T extends tf.Tensor>(square: T): T => tf.sqrt(tf.maximum(square, SMALLEST));

/** [groups, batch, batch]. */
function distances(a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  const squares = (of: tf.Tensor3D): tf.Tensor3D => tf.sum(tf.square(of), 2, true);
  return rootOf(tf.add<tf.Tensor3D>(tf.sub(squares(a), tf.mul(tf.matMul(a, b, false, true), 2)), tf.transpose(squares(b), [0, 2, 1])));
}
