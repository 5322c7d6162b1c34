/**
 * How a network's numbers stand for the clean item, at x = alpha x_0 + sigma eps:
 *
 *   sd                                  the data's standard deviation
 *   n² = alpha² sd² + sigma²            variance of x
 *   edm:  F = (sigma x_0 / sd − alpha sd eps) / n,   x_0 = (alpha sd² x / n + sigma sd F) / n       (Karras et al., arXiv 2206.00364, eq. 7, on x / alpha and sigma / alpha)
 *
 * F has unit variance and x / n, which the network is told, too; the squared error of F is EDM's weighted loss. Where variance is preserved and sd = 1, F = −v.
 */
import { SigdegError } from '../core/errors';
import * as tf from '../runtime/tf';
import type { Prediction } from './predictions';

export interface Parametrisation {
  readonly prediction: Prediction;
  /** The data's standard deviation, where the network is told x at unit variance: one of a schedule whose state grows with the noise. Others are told x as it is. */
  readonly sigmaData?: number | undefined;
}

type Scalar = number | tf.Tensor;

const deviation = (sigmaData: number, alpha: Scalar, sigma: Scalar): tf.Tensor => tf.sqrt(tf.add(tf.square(tf.mul(alpha, sigmaData)), tf.square(sigma)));

/** What the network is told of the state x. */
export const netInput = ({ sigmaData }: Parametrisation, x: tf.Tensor, alpha: Scalar, sigma: Scalar): tf.Tensor => (sigmaData === undefined ? x : tf.div(x, deviation(sigmaData, alpha, sigma)));

/** What a correction of an estimate of the item is measured in: sigma, and where that grows the deviation of what x leaves open of the item. */
export const correctionScale = ({ sigmaData }: Parametrisation, alpha: Scalar, sigma: Scalar): Scalar =>
  sigmaData === undefined ? sigma : tf.div(tf.mul(sigma, sigmaData), deviation(sigmaData, alpha, sigma));

/** The clean item that a prediction stands for. The only place where predictions are converted. */
export function toX0(parametrisation: Parametrisation, output: tf.Tensor, x: tf.Tensor, alpha: Scalar, sigma: Scalar): tf.Tensor {
  switch (parametrisation.prediction) {
    case 'v':
      return tf.sub(tf.mul(x, alpha), tf.mul(output, sigma));
    case 'epsilon':
      return tf.div(tf.sub(x, tf.mul(output, sigma)), alpha);
    case 'x0':
      return output;
    case 'flow':
      return tf.div(tf.sub(x, tf.mul(output, sigma)), tf.add(alpha, sigma));
    case 'edm': {
      const sd = sigmaDataOf(parametrisation);
      const n = deviation(sd, alpha, sigma);
      return tf.div(tf.add(tf.mul(tf.div(x, n), tf.mul(alpha, sd * sd)), tf.mul(output, tf.mul(sigma, sd))), n);
    }
  }
}

/** What the network is trained to output for a clean item and its noise. */
export function targetOf(parametrisation: Parametrisation, x0: tf.Tensor, epsilon: tf.Tensor, alpha: tf.Tensor, sigma: tf.Tensor): tf.Tensor {
  switch (parametrisation.prediction) {
    case 'v':
      return tf.sub(tf.mul(epsilon, alpha), tf.mul(x0, sigma));
    case 'epsilon':
      return epsilon;
    case 'x0':
      return x0;
    case 'flow':
      return tf.sub(epsilon, x0);
    case 'edm': {
      const sd = sigmaDataOf(parametrisation);
      return tf.div(tf.sub(tf.mul(x0, tf.div(sigma, sd)), tf.mul(epsilon, tf.mul(alpha, sd))), deviation(sd, alpha, sigma));
    }
  }
}

function sigmaDataOf({ sigmaData }: Parametrisation): number {
  if (sigmaData === undefined) throw new SigdegError('INTERNAL', 'the prediction edm: expected the standard deviation of the data, found none');
  return sigmaData;
}
