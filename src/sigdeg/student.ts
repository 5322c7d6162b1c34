import { SigdegError } from '../core/errors';
import type { GuidanceRange } from '../diffusion/condition';
import type { Denoiser } from '../diffusion/denoiser';
import { correctionScale, netInput, toX0, type Parametrisation } from '../diffusion/parametrisation';
import type { Prediction } from '../diffusion/predictions';
import { createNet, type NetConfig } from '../nets/create';
import { GUIDANCE_FEATURES, guidanceFeatures, toldOf, type Condition } from '../nets/condition';
import type { TimeFeatures } from '../nets/embedding';
import { clipThrough } from '../nets/layers';
import { ParameterLayout, type Weights } from '../nets/parameters';
import * as tf from '../runtime/tf';
import { termsAt } from './depth';
import { gruSpecs, gruStep, hiddenSize } from './gru';

export const STARTS = ['scratch', 'teacher', 'correction'] as const;
/** Where a student begins: nothing, the teacher's weights with zero weights on the signature, or a small correction beside the frozen teacher. */
export type Start = (typeof STARTS)[number];

export const RECURRENCES = ['shared', 'previous', 'gru'] as const;
/** What a step passes to the next one: nothing but x, its path average of x0, or a hidden state. The weights are shared over steps in all three. */
export type Recurrence = (typeof RECURRENCES)[number];

export interface StudentShape {
  readonly net: NetConfig;
  readonly itemShape: readonly number[];
  /** Number of signature terms m. */
  readonly depth: number;
  /** The step counts that it is for, where that is more than one (see `termsAt`). */
  readonly counts?: readonly number[];
  readonly start: Start;
  readonly recurrence: Recurrence;
  /** What the network's output means (default v, which is the best); one that starts as a teacher speaks its language. */
  readonly prediction?: Prediction;
  /** The data's standard deviation, where the schedule's state grows with the noise (see `Parametrisation`). */
  readonly sigmaData?: number | undefined;
  /** The path average of x0 is held within ± this, where the teacher's x0 is. */
  readonly clip?: number | null;
  /** The training step of a lambda, for networks that tell the time by it. */
  readonly timestep?: ((lambda: number) => number) | undefined;
  /** How many classes it is told apart, and between which guidance scales it is taught: it makes in one evaluation what guides its teacher in two. */
  readonly condition?: { readonly classes: number; readonly guidance: GuidanceRange } | undefined;
}

/**
 * One coarse step's numbers: a scalar each when all items are at the same step, else [batch, 1, …]. `keep`, `drift` and `noise` are the exact
 * coefficients of x_n, of the path average of x0, and of xi_0 (see `exponentialStep`).
 */
export interface StepFrame<T extends number | tf.Tensor = number | tf.Tensor> {
  readonly alpha: T;
  readonly sigma: T;
  readonly keep: T;
  readonly drift: T;
  readonly noise: T;
  /** Features of (lambda_n, lambda_{n+1}) [batch or 1, embedding]. */
  readonly embedding: tf.Tensor2D;
  /** Classes and guidance scales of the items, of a student that is told them. */
  readonly condition?: Condition | undefined;
}

/** What a step hands on (see `Recurrence`); undefined at the first step. */
export type Carry = tf.Tensor | undefined;

/** The teacher's own estimate of x0 for a step, needed by a correction student only. */
export type TeacherX0 = (x: tf.Tensor, frame: StepFrame) => tf.Tensor;

/** Smallest factor of a correction: near the data the teacher's error shrinks with sigma, but not to nothing. */
const CORRECTION_FLOOR = 0.05;

/**
 * A Sig-DEG student: a network that predicts, from the state and the partial signature of the coming coarse interval, the average of x0 along the
 * path. The linear part of the step and its leading noise are exact, so an untrained network is the one-step exponential integrator.
 */
export class Student {
  readonly layout: ParameterLayout;
  readonly features: TimeFeatures;
  private readonly net;
  private readonly hidden: number;
  private readonly parametrisation: Parametrisation;

  constructor(readonly shape: StudentShape) {
    const channels = shape.itemShape.at(-1)!;
    this.parametrisation = { prediction: shape.prediction ?? 'v', sigmaData: shape.sigmaData };
    this.hidden = shape.recurrence === 'gru' ? hiddenSize(shape.itemShape) : 0;
    const extra = [
      ...(shape.start === 'correction' ? [channels] : []),
      ...(shape.recurrence === 'previous' ? [channels] : []),
      ...(shape.recurrence === 'gru' ? [this.hidden] : []),
    ];
    this.net = createNet(shape.net, { inputs: [channels, shape.depth * channels, ...extra], outputs: channels + this.hidden, lambdas: 2, timestep: shape.timestep, told: shape.condition && shape.condition.classes + GUIDANCE_FEATURES }, shape.itemShape);
    this.features = this.net.features;
    this.layout = new ParameterLayout([...this.net.specs, ...(this.hidden > 0 ? gruSpecs(this.hidden) : [])]);
  }

  /**
   * One step: x [batch, ...item] and xi [batch, ...pixels, m · channels] → the state at the next node, with
   *   F = net(x_n, xi; embedding),  xbar0 = alpha_n x_n − sigma_n F (in v),  x_{n+1} = keep x_n + drift xbar0 + noise xi_0.
   */
  step(weights: Weights, x: tf.Tensor, xi: tf.Tensor, frame: StepFrame, carry: Carry, teacher?: TeacherX0): { x: tf.Tensor; carry: Carry } {
    const { start, recurrence } = this.shape;
    const channels = x.shape.at(-1)!;
    const inputs = [netInput(this.parametrisation, x, frame.alpha, frame.sigma), xi];
    let estimate: tf.Tensor | undefined;
    if (start === 'correction') {
      if (!teacher) throw new SigdegError('INTERNAL', 'a correction student needs its teacher');
      estimate = teacher(x, frame);
      inputs.push(estimate);
    }
    if (recurrence === 'previous') inputs.push(carry ?? tf.zerosLike(x));
    const hidden = recurrence === 'gru' ? (carry ?? tf.zeros([...x.shape.slice(0, -1), this.hidden])) : undefined;
    if (hidden) inputs.push(hidden);

    const output = this.net.apply(weights, inputs, this.told(frame));
    const F = hidden ? lastAxis(output, 0, channels) : output;
    const { clip = null } = this.shape;
    const average = estimate
      ? tf.add(estimate, tf.mul(F, tf.maximum(correctionScale(this.parametrisation, frame.alpha, frame.sigma), CORRECTION_FLOOR)))
      : toX0(this.parametrisation, F, x, frame.alpha, frame.sigma);
    const xbar0 = clip === null ? average : clipThrough(average, clip);
    const xi0 = lastAxis(xi, 0, channels);
    return {
      x: tf.add(tf.add(tf.mul(x, frame.keep), tf.mul(xbar0, frame.drift)), tf.mul(xi0, frame.noise)),
      carry: recurrence === 'previous' ? xbar0 : hidden ? gruStep(weights, lastAxis(output, channels, this.hidden), hidden) : undefined,
    };
  }

  private told({ embedding, condition }: StepFrame): tf.Tensor2D {
    if (this.shape.condition === undefined) return embedding;
    if (condition?.guidance === undefined) throw new SigdegError('INTERNAL', 'a conditional student needs the classes and guidance scales of its items');
    return toldOf(embedding, this.features.size, condition.classes, guidanceFeatures(condition.guidance, this.shape.condition.guidance));
  }

  /** Signature terms that it reads in each of so many steps. */
  termsAt(steps: number): number {
    return termsAt(this.shape.depth, this.shape.counts ?? [steps], steps);
  }

  /** Evaluations of a network in one step: the correction's teacher counts as one of its own, guided as two. */
  get evaluationsPerStep(): number {
    return this.shape.start === 'correction' ? (this.shape.condition ? 3 : 2) : 1;
  }
}

/** Channels [from, from + count) of the last axis. */
function lastAxis(x: tf.Tensor, from: number, count: number): tf.Tensor {
  if (from === 0 && x.shape.at(-1) === count) return x;
  return tf.slice(x, [...x.shape.slice(0, -1).map(() => 0), from], [...x.shape.slice(0, -1), count]);
}

/** The teacher of a correction student: its time is the first half of the student's embedding. */
export function teacherX0(denoiser: Denoiser): TeacherX0 {
  const { size } = denoiser.features;
  return (x, frame) => denoiser.x0(x, { alpha: frame.alpha, sigma: frame.sigma, embedding: tf.slice(frame.embedding, [0, 0], [frame.embedding.shape[0], size]), condition: frame.condition });
}
