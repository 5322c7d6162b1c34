/** Classes and guidance scales of items (classifier-free guidance: Ho & Salimans, arXiv 2207.12598; distilled over a range of scales: Meng et al., arXiv 2210.03142). */
import { fillUniforms, uniformInteger } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import type { Condition } from '../nets/condition';
import * as tf from '../runtime/tf';

/** How often a teacher in training is not told the class of an item: what it then learns is the model of no class in particular, which guidance leads away from. */
export const CLASS_DROPOUT = 0.1;

/** Lowest and highest guidance scale. */
export type GuidanceRange = readonly [number, number];

/** Class and guidance scale of each item of a batch. */
export interface ItemConditions {
  readonly labels: Float32Array;
  readonly guidance: Float32Array;
}

const [CLASS_STEP, GUIDANCE_STEP] = [0, 1];

/** Of the items of a path set: both drawn uniformly, by the item's number alone. */
export function drawConditions(classes: number, [least, most]: GuidanceRange, { seed, first, count }: { seed: number; first: number; count: number }): ItemConditions {
  const labels = Float32Array.from({ length: count }, (_, i) => uniformInteger(classes, seed, STREAM.condition, first + i, CLASS_STEP));
  const u = new Float64Array(1);
  const guidance = Float32Array.from({ length: count }, (_, i) => {
    fillUniforms(u, 0, 1, seed, STREAM.condition, first + i, GUIDANCE_STEP);
    return least + (most - least) * u[0]!;
  });
  return { labels, guidance };
}

/** Rows [labels, classes] with 1 at the label; of a negative one all zero. */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) rows[i * classes + labels[i]!] = 1;
  return rows;
}

/** The same as tensors, which the caller disposes of. Without scales all of them are 1. */
export function conditionTensors({ labels, guidance }: { labels: ArrayLike<number>; guidance?: Float32Array | undefined }, classes: number): Condition {
  return {
    classes: tf.tensor2d(oneHot(labels, classes), [labels.length, classes]),
    ...(guidance && { guidance: tf.tensor2d(guidance, [labels.length, 1]) }),
  };
}
