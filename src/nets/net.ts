import type * as tf from '../runtime/tf';
import type { TimeFeatures } from './embedding';
import type { ParameterSpec, Weights } from './parameters';

/**
 * A network as a pure function of its weights. `apply` takes the inputs as a list of tensors [batch, ...item shape with its own channels], joined along
 * the last axis inside (the first is always the state x, so a network that grows more inputs keeps the weights of x), and the time embedding
 * [batch, embedding] or [1, embedding] when the whole batch has one time. It returns [batch, ...item shape with `outputs` channels].
 */
export interface Net {
  readonly specs: readonly ParameterSpec[];
  readonly features: TimeFeatures;
  apply(weights: Weights, inputs: readonly tf.Tensor[], embedding: tf.Tensor2D): tf.Tensor;
  /** Of a U-Net: what it has made of the inputs in its middle, where it is coarsest, [batch, height, width, channels]. */
  middle?(weights: Weights, inputs: readonly tf.Tensor[], embedding: tf.Tensor2D): tf.Tensor4D;
}

/** What a network is asked to fit: channels of each input, output channels, lambdas in the embedding. */
export interface NetPorts {
  readonly inputs: readonly number[];
  readonly outputs: number;
  readonly lambdas: number;
  /** Numbers in the embedding beside those of the lambdas: class and guidance (see `toldOf`). */
  readonly told?: number | undefined;
  /** The training step of a lambda, where the schedule has steps: for networks that tell the time by them. */
  readonly timestep?: ((lambda: number) => number) | undefined;
}
