import { createNet, type NetConfig } from '../nets/create';
import type { Net } from '../nets/net';
import { ParameterLayout } from '../nets/parameters';
import { fillNormalRows, fillNormals, fillUniforms, uniformInteger } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import type { Level, NoiseSchedule } from '../core/schedule';
import { sizeOf } from '../core/shape';
import type { Dataset } from '../data/dataset';
import { embedRows } from '../nets/embedding';
import type { Objective } from '../nets/trainer';
import * as tf from '../runtime/tf';
import { netInput, targetOf } from './parametrisation';
import type { Prediction } from './predictions';

/** A teacher's network and the layout of its parameters. */
export function createTeacher(config: NetConfig, itemShape: readonly number[], { timestep }: Pick<NoiseSchedule, 'timestep'> = {}): { net: Net; layout: ParameterLayout } {
  const channels = itemShape.at(-1)!;
  const net = createNet(config, { inputs: [channels], outputs: channels, lambdas: 1, timestep }, itemShape);
  return { net, layout: new ParameterLayout(net.specs) };
}

/**
 * Denoising: the mean squared error of the network's prediction (Ho et al., arXiv 2006.11239, eq. 14, in what it predicts) over random data items, times
 * and noises (see `trainingLevel`).
 */
export function teacherObjective(options: {
  net: Net;
  prediction: Prediction;
  dataset: Dataset;
  schedule: NoiseSchedule;
  tMin: number;
  batch: number;
  seed: number;
}): Objective {
  const { net, prediction, dataset, schedule, tMin, batch, seed } = options;
  const size = sizeOf(dataset.itemShape);
  const perItem = [batch, ...dataset.itemShape.map(() => 1)];
  const parametrisation = { prediction, sigmaData: schedule.sigmaData };
  return {
    batch(step) {
      const clean = new Float32Array(batch * size);
      const noise = new Float32Array(batch * size);
      const alpha = new Float32Array(batch);
      const sigma = new Float32Array(batch);
      const lambda = new Float64Array(batch);
      for (let i = 0; i < batch; i++) {
        dataset.fill(clean, i * size, uniformInteger(dataset.count, seed, STREAM.trainingItem, i, step));
        const level = trainingLevel(schedule, tMin, seed, i, step);
        alpha[i] = level.alpha;
        sigma[i] = level.sigma;
        lambda[i] = level.lambda;
      }
      fillNormalRows(noise, 0, size, batch, 'items', seed, STREAM.trainingNoise, 0, step);
      const embedding = embedRows(lambda, 1, net.features);
      return {
        clean: { shape: [batch, ...dataset.itemShape], data: clean },
        noise: { shape: [batch, ...dataset.itemShape], data: noise },
        alpha: { shape: perItem, data: alpha },
        sigma: { shape: perItem, data: sigma },
        embedding: { shape: [batch, embedding.length / batch], data: embedding },
      };
    },
    loss(weights, { clean, noise, alpha, sigma, embedding }) {
      const x = tf.add(tf.mul(clean!, alpha!), tf.mul(noise!, sigma!));
      const output = net.apply(weights, [netInput(parametrisation, x, alpha!, sigma!)], embedding as tf.Tensor2D);
      return tf.mean(tf.squaredDifference(output, targetOf(parametrisation, clean!, noise!, alpha!, sigma!)));
    },
  };
}

const drawn = new Float64Array(2); // scratch of one call

/**
 * The noise level of training example i of a step. Half of the times are drawn uniformly in [tMin, tMax], half as the square of that, which visits the low-noise
 * end more often; where the schedule says how λ is distributed in training, so, held within its ends.
 */
function trainingLevel(schedule: NoiseSchedule, tMin: number, seed: number, i: number, step: number): Level {
  const { tMax, trainingLambda } = schedule;
  if (trainingLambda) {
    fillNormals(drawn, 0, 1, seed, STREAM.trainingTime, i, step);
    return schedule.levelOf(Math.min(schedule.lambda(tMin), Math.max(schedule.lambda(tMax), trainingLambda.mean + trainingLambda.deviation * drawn[0]!)));
  }
  fillUniforms(drawn, 0, 2, seed, STREAM.trainingTime, i, step);
  const t = tMin + (tMax - tMin) * (drawn[0]! < 0.5 ? drawn[1]! : drawn[1]! ** 2);
  return { alpha: schedule.alpha(t), sigma: schedule.sigma(t), lambda: schedule.lambda(t) };
}
