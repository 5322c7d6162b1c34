import * as tf from './tf';

/** `tf.customGrad` with its arguments in a form that the compiler can check. */
export function withGradient(
  inputs: tf.Tensor[],
  forward: (inputs: tf.Tensor[], save: (tensors: tf.Tensor[]) => void) => tf.Tensor,
  backward: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[],
): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const save = args.pop() as unknown as (tensors: tf.Tensor[]) => void;
    return { value: forward(args as tf.Tensor[], save), gradFunc: backward };
  });
  return op(...inputs);
}
