import type { TimeGrid } from '../core/grid';
import type { BrownianPath } from '../diffusion/brownian';
import type { OnStep } from '../diffusion/samplers/sampler';
import type { Condition } from '../nets/condition';
import type { Weights } from '../nets/parameters';
import { recorded } from '../runtime/recorded';
import * as tf from '../runtime/tf';
import { frameTable } from './frames';
import type { Student, TeacherX0 } from './student';

export interface StudentSampler {
  /** Samples on a coarse grid, from pure noise to the last node: [batch, ...item]. One network evaluation a step. @param condition of a conditional student; the caller's */
  sample(grid: TimeGrid, path: BrownianPath, onStep?: OnStep, condition?: Condition): tf.Tensor;
  /** Frees what the engine keeps for it; not the weights. */
  dispose(): void;
}

/** Most steps that are recorded as one call. */
const MOST_AT_ONCE = 20;

/**
 * How the steps are cut into calls. Few steps of vectors are ONE call, which saves a tenth to a third of their time. With images a call a step costs nothing that can
 * be measured, while a graph of all steps takes seconds to prepare.
 */
function calls(steps: number, rank: number): { from: number; to: number }[] {
  const atOnce = rank === 2 && steps <= MOST_AT_ONCE ? steps : 1;
  return Array.from({ length: steps / atOnce }, (_, i) => ({ from: i * atOnce, to: (i + 1) * atOnce }));
}

/** Zeros in the place of the terms that a student of this depth does not read. */
function widened(xi: tf.Tensor, terms: number, depth: number): tf.Tensor {
  return terms === depth ? xi : tf.pad(xi, xi.shape.map((extent, axis) => [0, axis + 1 < xi.rank ? 0 : (extent / terms) * (depth - terms)]));
}

/** A student that samples with weights that do not change any more. */
export function studentSampler(student: Student, weights: Weights, teacher?: TeacherX0): StudentSampler {
  // Consecutive steps: state x, carry where there is one, for every step its numbers `row.n` [1, 5 + embedding] and signature `xi.n` → the states, then the carry.
  const steps = recorded((inputs) => {
    const states: tf.Tensor[] = [];
    let x = inputs['x']!;
    let carry = inputs['carry'];
    const { classes, guidance } = inputs as Partial<Condition>;
    const condition = classes && { classes, ...(guidance && { guidance }) };
    for (let n = 0; ; n++) {
      const row = inputs[`row.${n}`];
      if (row === undefined) return carry ? [...states, carry] : states;
      const [alpha, sigma, keep, drift, noise, embedding] = tf.split(row, [1, 1, 1, 1, 1, row.shape[1]! - 5], 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor2D];
      ({ x, carry } = student.step(weights, x, inputs[`xi.${n}`]!, { alpha, sigma, keep, drift, noise, embedding, condition }, carry, teacher));
      states.push(x);
    }
  });
  const carries = student.shape.recurrence !== 'shared';
  return {
    sample(grid, path, onStep, condition) {
      const terms = student.termsAt(grid.steps);
      const frames = frameTable(grid, 'both', student.features);
      let x = tf.tidy(() => tf.mul(path.initial(), grid.sigma[0]!));
      let carry: tf.Tensor | undefined;
      for (const { from, to } of calls(grid.steps, x.rank)) {
        const results = tf.tidy(() => {
          const inputs: Record<string, tf.Tensor> = { x, ...(carry ? { carry } : {}), ...condition };
          frames.slice(from, to).forEach(({ alpha, sigma, keep, drift, noise, embedding }, i) => {
            const row = [alpha, sigma, keep, drift, noise, ...embedding];
            inputs[`row.${i}`] = tf.tensor2d(row, [1, row.length]);
            inputs[`xi.${i}`] = widened(path.signature(from + i, terms), terms, student.shape.depth);
          });
          return steps(inputs);
        });
        x.dispose();
        carry?.dispose();
        carry = carries ? results.pop() : undefined;
        results.forEach((state, i) => onStep?.(from + i, state));
        x = results.pop()!;
        tf.dispose(results);
      }
      carry?.dispose();
      return x;
    },
    dispose: () => { steps.dispose(); },
  };
}
