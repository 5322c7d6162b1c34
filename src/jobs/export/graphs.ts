/** What of a trained model becomes a graph: a student's whole step, a teacher's estimate of the clean item. */
import type { Denoiser } from '../../diffusion/denoiser';
import { onnxGraph, type OnnxGraph } from '../../nets/onnx';
import type { Weights } from '../../nets/parameters';
import * as tf from '../../runtime/tf';
import { hiddenSize } from '../../sigdeg/gru';
import type { Student, TeacherX0 } from '../../sigdeg/student';

const SCALARS = ['alpha', 'sigma', 'keep', 'drift', 'noise'] as const;

/** x, xi, embedding, alpha, sigma, keep, drift, noise (and carry) → x_next (and carry_next); a conditional student also takes classes [batch, classes] and guidance [batch, 1]. */
export function studentGraph(student: Student, weights: Weights, teacherX0?: TeacherX0): OnnxGraph {
  const { depth, itemShape, condition } = student.shape;
  const carry = carryShape(student);
  return onnxGraph(
    ({ x, xi, embedding, carry: carried, classes, guidance, ...frame }) => {
      const numbers = frame as Record<(typeof SCALARS)[number], tf.Tensor>;
      const told = classes && { classes: classes as tf.Tensor2D, guidance: guidance as tf.Tensor2D };
      const next = student.step(weights, x!, xi!, { ...numbers, embedding: embedding as tf.Tensor2D, condition: told }, carried, teacherX0);
      return next.carry ? [next.x, next.carry] : [next.x];
    },
    (batch) => ({
      x: tf.ones([batch, ...itemShape]),
      xi: tf.ones([batch, ...itemShape.slice(0, -1), depth * itemShape.at(-1)!]),
      embedding: tf.ones([1, 2 * student.features.size]),
      ...Object.fromEntries(SCALARS.map((name) => [name, tf.scalar(0.5)])),
      ...(carry === null ? {} : { carry: tf.zeros([batch, ...carry]) }),
      ...(condition && { classes: tf.zeros([batch, condition.classes]), guidance: tf.ones([batch, 1]) }),
    }),
    ['x_next', 'carry_next'],
  );
}

/** x, embedding, alpha, sigma → x0; a conditional teacher also takes classes [batch, classes], all zero for none, so that guidance is left to whoever samples. */
export function teacherGraph(denoiser: Denoiser, itemShape: readonly number[], classes = 0): OnnxGraph {
  return onnxGraph(
    ({ x, embedding, alpha, sigma, classes: told }) => [denoiser.x0(x!, { alpha: alpha!, sigma: sigma!, embedding: embedding as tf.Tensor2D, condition: told && { classes: told as tf.Tensor2D } })],
    (batch) => ({
      x: tf.ones([batch, ...itemShape]),
      embedding: tf.ones([1, denoiser.features.size]),
      alpha: tf.scalar(0.5),
      sigma: tf.scalar(0.5),
      ...(classes > 0 && { classes: tf.zeros([batch, classes]) }),
    }),
    ['x0'],
  );
}

/** Shape of one item of what a recurrent student carries from step to step; null when it carries nothing. */
export function carryShape({ shape: { recurrence, itemShape } }: Student): readonly number[] | null {
  if (recurrence === 'shared') return null;
  return recurrence === 'previous' ? itemShape : [...itemShape.slice(0, -1), hiddenSize(itemShape)];
}
