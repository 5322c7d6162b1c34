import { fusedAdam, type AdamState } from '../runtime/fused';
import * as tf from '../runtime/tf';

/** Learning rate at a step (0-based) of a run: linear warm-up, then half a cosine to zero. */
export function learningRateAt(step: number, schedule: { steps: number; learningRate: number; warmup: number }): number {
  const warm = Math.min(1, (step + 1) / Math.max(1, schedule.warmup));
  return schedule.learningRate * warm * 0.5 * (1 + Math.cos((Math.PI * step) / Math.max(1, schedule.steps)));
}

/** EMA decay at a step: it rises from 0.1 so that the average forgets the random start. */
export const emaDecayAt = (step: number, decay: number): number => Math.min(decay, (1 + step) / (10 + step));

/** Numbers that change from step to step; they are tensors so that a recorded step can be fed with them. */
export interface StepScalars {
  readonly learningRate: number;
  /** 1 − beta1^t and 1 − beta2^t with t counted from 1. */
  readonly correction1: number;
  readonly correction2: number;
  readonly emaDecay: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export function stepScalars(step: number, schedule: { steps: number; learningRate: number; warmup: number; ema: number }): StepScalars {
  return {
    learningRate: learningRateAt(step, schedule),
    correction1: 1 - BETA1 ** (step + 1),
    correction2: 1 - BETA2 ** (step + 1),
    emaDecay: emaDecayAt(step, schedule.ema),
  };
}

/**
 * One Adam step (Kingma & Ba, arXiv 1412.6980) with the gradient clipped by its global norm, and the moving average of the weights.
 * Written out, though tfjs has an Adam: that one works parameter by parameter (hundreds of operations a step), keeps its state where a checkpoint
 * cannot restore it bit for bit, and cannot be recorded into one native call.
 */
export function adamStep(state: AdamState, gradient: tf.Tensor, s: Record<keyof StepScalars, tf.Tensor>, clip: number): void {
  if (fusedAdam(state, gradient, { ...s, beta1: BETA1, beta2: BETA2, epsilon: EPSILON, clip })) return;
  const norm = tf.sqrt(tf.sum(tf.square(gradient)));
  const g = tf.mul(gradient, tf.minimum(1, tf.div(clip, tf.add(norm, 1e-12))));
  const first = tf.add(tf.mul(state.first, BETA1), tf.mul(g, 1 - BETA1));
  const second = tf.add(tf.mul(state.second, BETA2), tf.mul(tf.square(g), 1 - BETA2));
  const update = tf.div(tf.div(first, s.correction1), tf.add(tf.sqrt(tf.div(second, s.correction2)), EPSILON));
  const weights = tf.sub(state.weights, tf.mul(update, s.learningRate));
  const ema = tf.add(weights, tf.mul(tf.sub(state.ema, weights), s.emaDecay));
  state.first.assign(first);
  state.second.assign(second);
  state.weights.assign(weights);
  state.ema.assign(ema);
}
