import { denseSpecs } from '../nets/layer-specs';
import { dense } from '../nets/layers';
import type { ParameterSpec, Weights } from '../nets/parameters';
import * as tf from '../runtime/tf';

/** Units of the hidden state: a vector beside vectors, a few channels a pixel beside images. */
export const hiddenSize = (itemShape: readonly number[]): number => (itemShape.length === 1 ? 32 : 8);

export const gruSpecs = (hidden: number): ParameterSpec[] => ['update', 'reset', 'candidate'].flatMap((gate) => denseSpecs(`gru.${gate}`, 2 * hidden, hidden));

/**
 * A gated recurrent unit (Cho et al., arXiv 1406.1078) over the last axis: features and hidden state [batch, ..., hidden] → the next hidden state.
 * At every pixel on its own; the network around it mixes the pixels.
 */
export function gruStep(w: Weights, features: tf.Tensor, hidden: tf.Tensor): tf.Tensor {
  const both = tf.concat([features, hidden], -1);
  const update = tf.sigmoid(dense(w, 'gru.update', both));
  const reset = tf.sigmoid(dense(w, 'gru.reset', both));
  const candidate = tf.tanh(dense(w, 'gru.candidate', tf.concat([features, tf.mul(reset, hidden)], -1)));
  return tf.add(hidden, tf.mul(update, tf.sub(candidate, hidden)));
}
