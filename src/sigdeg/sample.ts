import type { TimeGrid } from '../core/grid';
import type { BrownianPath } from '../diffusion/brownian';
import type { OnStep } from '../diffusion/samplers/sampler';
import type { Weights } from '../nets/parameters';
import * as tf from '../runtime/tf';
import { frameTable } from './distillation';
import type { Carry, Student, TeacherX0 } from './student';

/** Samples with a student on a coarse grid, from pure noise to the last node: [batch, ...item]. One network evaluation a step. */
export function sampleStudent(student: Student, weights: Weights, grid: TimeGrid, path: BrownianPath, teacher?: TeacherX0, onStep?: OnStep): tf.Tensor {
  let x = tf.tidy(() => tf.mul(path.initial(), grid.sigma[0]!));
  let carry: Carry;
  frameTable({ nodes: grid, steps: grid.steps }, student.octaves).forEach((frame, n) => {
    const next = tf.tidy(() => {
      const { embedding, ...numbers } = frame;
      return student.step(weights, x, path.signature(n, student.shape.depth), { ...numbers, embedding: tf.tensor2d(embedding, [1, embedding.length]) }, carry, teacher);
    });
    tf.dispose([x, ...(carry ? [carry] : [])]);
    x = next.x;
    carry = next.carry;
    onStep?.(n, x);
  });
  carry?.dispose();
  return x;
}
