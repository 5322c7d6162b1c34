import { SigdegError } from '../core/errors';
import type { AdamState } from '../runtime/fused';
import { record, type Recording, type TensorFunction } from '../runtime/recorded';
import * as tf from '../runtime/tf';
import { adamStep, stepScalars, type StepScalars } from './optimizer';
import type { ParameterLayout, Weights } from './parameters';

export interface TrainingConfig {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly warmup: number;
  /** Largest global norm of the gradient. */
  readonly clip: number;
  /** Decay of the moving average of the weights. */
  readonly ema: number;
  readonly checkpointEvery: number;
  readonly logEvery: number;
}

/** What is learned: named host arrays for every step, and a scalar loss as a pure function of them. */
export interface Objective {
  /** Whether the batch's shapes change from step to step; such a training cannot be recorded. */
  readonly varyingShapes?: boolean;
  /** The step's batch. */
  batch(step: number): Record<string, HostArray>;
  loss(weights: Weights, batch: Record<string, tf.Tensor>): tf.Scalar;
}

export interface HostArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Everything that a training needs in order to go on as if it had never stopped. */
export interface TrainingState {
  step: number;
  weights: Float32Array;
  ema: Float32Array;
  first: Float32Array;
  second: Float32Array;
}

export const freshState = (weights: Float32Array): TrainingState => ({
  step: 0,
  weights,
  ema: weights.slice(),
  first: new Float32Array(weights.length),
  second: new Float32Array(weights.length),
});

export interface TrainingHooks {
  /** Called after every `logEvery` steps with the mean loss since the last call. */
  onLoss(step: number, loss: number): void;
  /** Called with the state after every `checkpointEvery` steps, at the end, and when interrupted or paused. */
  onCheckpoint(state: TrainingState): void;
  interrupted(): boolean;
  /** While the training shall wait: settles when it shall go on. */
  pause?(): Promise<void> | undefined;
}

/** Runs a step as it is, operation by operation. */
const eager = (step: TensorFunction): Recording => ({
  run: (inputs) => tf.tidy(() => step(inputs)),
  sync: () => undefined,
  dispose: () => undefined,
});

/**
 * Trains from a state to `config.steps`, or until interrupted. Given the same state and objective it takes the same steps bit for bit, so a training
 * that was stopped and resumed ends with the weights of one that was not.
 * @throws SigdegError NAN_LOSS naming the first step whose loss is not finite; the last checkpoint stays as it was.
 */
export async function train(layout: ParameterLayout, objective: Objective, config: TrainingConfig, start: TrainingState, hooks: TrainingHooks): Promise<'done' | 'interrupted'> {
  const variable = (values: Float32Array): tf.Variable => tf.tidy(() => tf.variable(tf.tensor1d(values), false));
  const state: AdamState = {
    weights: variable(start.weights),
    ema: variable(start.ema),
    first: variable(start.first),
    second: variable(start.second),
  };
  const variables = [state.weights, state.ema, state.first, state.second];

  const step: TensorFunction = (inputs) => {
    // The pieces are differentiated, not the flat vector: a gradient through `split` would pad each piece to full size.
    const pieces = layout.split(state.weights as tf.Tensor as tf.Tensor1D);
    const { value, grads } = tf.valueAndGrads((...p: tf.Tensor[]) => objective.loss(layout.weights(p), inputs))(pieces);
    adamStep(state, tf.concat(grads.map((grad) => tf.reshape(grad, [-1]))), inputs as Record<keyof StepScalars, tf.Tensor>, config.clip);
    return [value];
  };
  const inputsAt = (n: number): Record<string, tf.Tensor> => {
    const inputs = inputsOf(objective, n);
    for (const [name, value] of Object.entries(stepScalars(n, config))) inputs[name] = tf.scalar(value as number);
    return inputs;
  };

  let recording: Recording | undefined;
  let losses: tf.Tensor[] = [];
  let at = start.step;
  const flushLosses = (): void => {
    if (losses.length === 0) return;
    const values = tf.tidy(() => tf.stack(losses).dataSync<'float32'>());
    tf.dispose(losses);
    losses = [];
    const bad = values.findIndex((loss) => !Number.isFinite(loss));
    if (bad >= 0) {
      const where = at - values.length + bad + 1;
      throw new SigdegError('NAN_LOSS', `the loss became ${values[bad]!} at step ${where}; the last good checkpoint is kept: lower "learningRate" or "clip" and start again`);
    }
    hooks.onLoss(at, values.reduce((a, b) => a + b, 0) / values.length);
  };
  const checkpoint = (): void => {
    recording?.sync();
    const [weights, ema, first, second] = variables.map((v) => v.dataSync<'float32'>().slice()) as [Float32Array, Float32Array, Float32Array, Float32Array];
    if (!weights.every(Number.isFinite)) {
      throw new SigdegError('NAN_LOSS', `the weights are no longer finite at step ${at}; the last good checkpoint is kept: lower "learningRate" or "clip" and start again`);
    }
    hooks.onCheckpoint({ step: at, weights, ema, first, second });
  };

  try {
    while (at < config.steps) {
      const pause = hooks.pause?.();
      if (pause !== undefined) {
        // Whatever happens to a process that idles for hours, nothing is lost.
        flushLosses();
        checkpoint();
        await pause;
      }
      if (hooks.interrupted()) {
        flushLosses();
        checkpoint();
        return 'interrupted';
      }
      const inputs = inputsAt(at);
      recording ??= (objective.varyingShapes === true ? undefined : record(step, inputs, variables)) ?? eager(step);
      losses.push(...recording.run(inputs));
      tf.dispose(inputs);
      at++;
      if (losses.length >= config.logEvery || at === config.steps) flushLosses();
      if (at % config.checkpointEvery === 0 || at === config.steps) {
        flushLosses();
        checkpoint();
      }
      if (at % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return 'done';
  } finally {
    recording?.dispose();
    tf.dispose(losses);
    tf.dispose(variables);
  }
}

/** Mean loss over the first batches of an objective, with weights that stay as they are. */
export function meanLoss(layout: ParameterLayout, objective: Objective, weights: Float32Array, batches: number): number {
  const pieces = tf.tidy(() => layout.split(tf.tensor1d(weights)));
  let sum = 0;
  for (let n = 0; n < batches; n++) {
    sum += tf.tidy(() => objective.loss(layout.weights(pieces), inputsOf(objective, n)).dataSync<'float32'>()[0]!);
  }
  tf.dispose(pieces);
  return sum / batches;
}

/** A step's batch as tensors; the caller's. */
function inputsOf(objective: Objective, step: number): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(objective.batch(step)).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]));
}
