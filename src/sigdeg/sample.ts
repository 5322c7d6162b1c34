import type { TimeGrid } from '../core/grid';
import type { BrownianPath } from '../diffusion/brownian';
import type { OnStep } from '../diffusion/samplers/sampler';
import type { Weights } from '../nets/parameters';
import { recorded } from '../runtime/recorded';
import * as tf from '../runtime/tf';
import { frameTable } from './distillation';
import type { Student, TeacherX0 } from './student';

export interface StudentSampler {
  /** Samples on a coarse grid, from pure noise to the last node: [batch, ...item]. One network evaluation a step. */
  sample(grid: TimeGrid, path: BrownianPath, onStep?: OnStep): tf.Tensor;
  /** Frees what the engine keeps for it; not the weights. */
  dispose(): void;
}

/** A student that samples with weights that do not change any more. */
export function studentSampler(student: Student, weights: Weights, teacher?: TeacherX0): StudentSampler {
  const step = recorded(({ x, xi, carry, embedding, ...frame }) => {
    const { alpha, sigma, keep, drift, noise } = frame as Record<'alpha' | 'sigma' | 'keep' | 'drift' | 'noise', tf.Tensor>;
    const next = student.step(weights, x!, xi!, { alpha, sigma, keep, drift, noise, embedding: embedding as tf.Tensor2D }, carry, teacher);
    return next.carry ? [next.x, next.carry] : [next.x];
  });
  return {
    sample(grid, path, onStep) {
      let state = [tf.tidy(() => tf.mul(path.initial(), grid.sigma[0]!))];
      frameTable({ nodes: grid, steps: grid.steps }, student.features).forEach(({ embedding, ...numbers }, n) => {
        const [x, carry] = state;
        const next = tf.tidy(() => {
          const scalars = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, tf.scalar(value)]));
          return step({ x: x!, xi: path.signature(n, student.shape.depth), embedding: tf.tensor2d(embedding, [1, embedding.length]), ...scalars, ...(carry ? { carry } : {}) });
        });
        tf.dispose(state);
        state = next;
        onStep?.(n, state[0]!);
      });
      state[1]?.dispose();
      return state[0]!;
    },
    dispose: () => { step.dispose(); },
  };
}
