import { uniformInteger } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { sizeOf } from '../core/shape';
import type { HostArray, Objective } from '../nets/trainer';
import * as tf from '../runtime/tf';
import { conditionIn, ConditionRows } from './condition-rows';
import type { DistributionTerm } from './distribution';
import { FrameRows, frameTable } from './frames';
import type { Lesson } from './lesson';
import { copyPath, pairCount, type Terms } from './path-set';
import type { Carry, StepFrame } from './student';

/**
 * Teacher forcing, of a recurrent student: every step starts at the teacher's state, and only what is carried comes from the student. One step count a training
 * step, in turn.
 */
export const teacherForcedObjective = (lesson: Lesson): Objective => unrolled(lesson, 'teacher', 'drawn', undefined);

/**
 * Tuning: every step starts where the student's last one ended. One step count a training step, in turn.
 * @param distribution compares sets of items: the batch of the lesson is of whole paths then
 */
export const tuningObjective = (lesson: Lesson, distribution?: DistributionTerm): Objective => unrolled(lesson, 'student', 'drawn', distribution);

/**
 * The same on the few paths that are held out: one path after the other, none twice in a batch. Of a batch that is drawn from as many paths as it has place for, more than a third
 * would be missing, and an item beside itself is taken for a lack of variety.
 */
export const heldOutTuningObjective = (lesson: Lesson, distribution?: DistributionTerm): Objective => unrolled(lesson, 'student', 'in turn', distribution);

/** Training through time, over whole paths. @param starts whose states steps start from */
function unrolled({ student, sets, batch, seed, teacher }: Lesson, starts: 'teacher' | 'student', order: 'drawn' | 'in turn', distribution: DistributionTerm | undefined): Objective {
  const { itemShape, depth } = student.shape;
  const size = sizeOf(itemShape);
  const tables = sets.map((set) => frameTable(set.nodes, 'both', student.features));
  const xiItem = [...itemShape.slice(0, -1), depth * itemShape.at(-1)!];
  return {
    varyingShapes: sets.length > 1,
    batch(step) {
      const which = step % sets.length;
      const set = sets[which]!;
      const total = pairCount(set) / set.steps;
      const wanted = distribution ? batch : Math.max(1, Math.round(batch / set.steps));
      const paths = order === 'drawn' ? wanted : Math.min(wanted, total);
      const turn = Math.floor(step / sets.length) * paths;
      const room: Terms = { depth, terms: student.termsAt(set.steps) };
      const states = new Float32Array(paths * (set.steps + 1) * size);
      const xi = new Float32Array(paths * set.steps * depth * size);
      const conditions = new ConditionRows(student, paths);
      for (let i = 0; i < paths; i++) {
        const index = order === 'drawn' ? uniformInteger(total, seed, STREAM.trainingItem, i, step) : (turn + i) % total;
        copyPath(set, index, room, i, states, xi, size);
        conditions.set(i, set, index * set.steps);
      }
      const frames: Record<string, HostArray> = {};
      tables[which]!.forEach((frame, n) => {
        const rows = new FrameRows(1, frame.embedding.length);
        rows.set(0, frame);
        for (const [name, array] of Object.entries(rows.arrays([]))) frames[`${name}.${n}`] = array;
      });
      return {
        states: { shape: [paths, set.steps + 1, ...itemShape], data: states },
        xi: { shape: [paths, set.steps, ...xiItem], data: xi },
        ...frames,
        ...conditions.arrays(),
        ...distribution?.batch(paths, step),
      };
    },
    loss(weights, inputs) {
      const condition = conditionIn(inputs);
      const states = tf.unstack(inputs['states']!, 1);
      const xis = tf.unstack(inputs['xi']!, 1);
      const losses: tf.Tensor[] = [];
      let x = states[0]!;
      let carry: Carry;
      xis.forEach((xi, n) => {
        const at = (name: string): tf.Tensor => inputs[`${name}.${n}`]!;
        const frame: StepFrame = { alpha: at('alpha'), sigma: at('sigma'), keep: at('keep'), drift: at('drift'), noise: at('noise'), embedding: at('embedding') as tf.Tensor2D, condition };
        const next = student.step(weights, starts === 'teacher' ? states[n]! : x, xi, frame, carry, teacher);
        x = next.x;
        carry = next.carry;
        losses.push(tf.mean(tf.squaredDifference(x, states[n + 1]!)));
      });
      const alongPaths: tf.Scalar = tf.mean(tf.stack(losses));
      return distribution ? tf.add(alongPaths, distribution.loss(x, states.at(-1)!, inputs, condition)) : alongPaths;
    },
  };
}
