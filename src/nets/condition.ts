import * as tf from '../runtime/tf';

/** What a class-conditional model is told of the items of a batch beside the time. */
export interface Condition {
  /** [batch, classes]: 1 at an item's class, all zero for an item of no class in particular. */
  readonly classes: tf.Tensor2D;
  /** Guidance scales [batch, 1]; where they are absent all are 1, which is the plain conditional model. */
  readonly guidance?: tf.Tensor2D;
}

/**
 * The embedding of a conditional network: its first moment, the class, and, of a student, its other moment and features of the guidance scale, in this order. So a
 * teacher's row is the beginning of its student's, which can grow from the teacher's weights. A dense layer makes of a class that row of its weights which belongs
 * to it: the class embedding, added to that of the time.
 * @param moments [rows or 1, lambdas · size] @param size numbers of one moment @param more [rows, …] @returns [rows, …]
 */
export function toldOf(moments: tf.Tensor2D, size: number, classes: tf.Tensor2D, more?: tf.Tensor2D): tf.Tensor2D {
  const rows = classes.shape[0];
  // One moment for all items: as many rows of it as there are items, which an exported graph must not know.
  const wide: tf.Tensor2D = moments.shape[0] === rows ? moments : tf.add(moments, tf.mul(tf.slice(classes, [0, 0], [rows, 1]), 0));
  const first = tf.slice(wide, [0, 0], [rows, size]);
  return tf.concat2d([first, classes, ...(moments.shape[1] > size ? [tf.slice(wide, [0, size], [rows, moments.shape[1] - size])] : []), ...(more ? [more] : [])], 1);
}

/** Numbers that a student is told of a guidance scale. */
export const GUIDANCE_FEATURES = 3;

/** The first Chebyshev polynomials of a guidance scale [rows, 1] whose trained range is mapped to [−1, 1] → [rows, 3]. */
export function guidanceFeatures(guidance: tf.Tensor2D, [least, most]: readonly [number, number]): tf.Tensor2D {
  const u: tf.Tensor2D = tf.mul(tf.sub(guidance, (least + most) / 2), most > least ? 2 / (most - least) : 0);
  const square = tf.square(u);
  return tf.concat2d([u, tf.sub(tf.mul(square, 2), 1), tf.mul(u, tf.sub(tf.mul(square, 4), 3))], 1);
}
