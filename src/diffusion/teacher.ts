import { createNet, type NetConfig } from '../nets/create';
import type { Net } from '../nets/net';
import { ParameterLayout } from '../nets/parameters';
import { fillNormalRows, fillNormals, fillUniforms, uniformInteger } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import type { Level, NoiseSchedule } from '../core/schedule';
import { sizeOf } from '../core/shape';
import type { Dataset } from '../data/dataset';
import { toldOf } from '../nets/condition';
import { embedRows } from '../nets/embedding';
import type { Objective } from '../nets/trainer';
import * as tf from '../runtime/tf';
import { CLASS_DROPOUT, oneHot } from './condition';
import { netInput, targetOf } from './parametrisation';
import type { Prediction } from './predictions';

/** A teacher's network and the layout of its parameters. @param classes that it is told, none by default */
export function createTeacher(config: NetConfig, itemShape: readonly number[], { timestep }: Pick<NoiseSchedule, 'timestep'> = {}, classes = 0): { net: Net; layout: ParameterLayout } {
  const channels = itemShape.at(-1)!;
  const net = createNet(config, { inputs: [channels], outputs: channels, lambdas: 1, timestep, told: classes }, itemShape);
  return { net, layout: new ParameterLayout(net.specs) };
}

/**
 * Denoising: the mean squared error of the network's prediction (Ho et al., arXiv 2006.11239, eq. 14, in what it predicts) over random data items, times
 * and noises (see `trainingLevel`). With `classes` the network is told each item's, and of some items none.
 */
export function teacherObjective(options: {
  net: Net;
  prediction: Prediction;
  dataset: Dataset;
  schedule: NoiseSchedule;
  tMin: number;
  batch: number;
  seed: number;
  classes?: number;
}): Objective {
  const { net, prediction, dataset, schedule, tMin, batch, seed, classes = 0 } = options;
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
      const labels = new Int32Array(batch);
      for (let i = 0; i < batch; i++) {
        const item = uniformInteger(dataset.count, seed, STREAM.trainingItem, i, step);
        dataset.fill(clean, i * size, item);
        const level = trainingLevel(schedule, tMin, seed, i, step);
        alpha[i] = level.alpha;
        sigma[i] = level.sigma;
        lambda[i] = level.lambda;
        if (classes > 0) labels[i] = dropsClass(seed, i, step) ? -1 : dataset.label!(item);
      }
      fillNormalRows(noise, 0, size, batch, 'items', seed, STREAM.trainingNoise, 0, step);
      const embedding = embedRows(lambda, 1, net.features);
      return {
        clean: { shape: [batch, ...dataset.itemShape], data: clean },
        noise: { shape: [batch, ...dataset.itemShape], data: noise },
        alpha: { shape: perItem, data: alpha },
        sigma: { shape: perItem, data: sigma },
        embedding: { shape: [batch, embedding.length / batch], data: embedding },
        ...(classes > 0 && { classes: { shape: [batch, classes], data: oneHot(labels, classes) } }),
      };
    },
    loss(weights, { clean, noise, alpha, sigma, embedding, classes: told }) {
      const x = tf.add(tf.mul(clean!, alpha!), tf.mul(noise!, sigma!));
      const input = netInput(parametrisation, x, alpha!, sigma!);
      const output = net.apply(weights, [input], told ? toldOf(embedding as tf.Tensor2D, net.features.size, told as tf.Tensor2D) : (embedding as tf.Tensor2D));
      return tf.mean(tf.squaredDifference(output, targetOf(parametrisation, clean!, noise!, alpha!, sigma!)));
    },
  };
}

const drawn = new Float64Array(3); // scratch of one call

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

/** Whether training example i of a step is told no class; its number follows those of `trainingLevel`. */
function dropsClass(seed: number, i: number, step: number): boolean {
  fillUniforms(drawn, 0, 3, seed, STREAM.trainingTime, i, step);
  return drawn[2]! < CLASS_DROPOUT;
}
