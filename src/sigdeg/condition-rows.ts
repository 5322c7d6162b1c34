import { oneHot } from '../diffusion/condition';
import type { Condition } from '../nets/condition';
import type { HostArray } from '../nets/trainer';
import type * as tf from '../runtime/tf';
import { conditionOfPair, type PathSet } from './path-set';
import type { Student } from './student';

/** Classes and guidance scales of a batch, row by row; nothing of an unconditional student. */
export class ConditionRows {
  private readonly labels: Float32Array;
  private readonly guidance: Float32Array;

  constructor(private readonly student: Student, private readonly rows: number) {
    this.labels = new Float32Array(rows);
    this.guidance = new Float32Array(rows);
  }

  /** Of the item that a pair of a set belongs to. */
  set(row: number, set: PathSet, pair: number): void {
    if (this.student.shape.condition === undefined) return;
    const { label, guidance } = conditionOfPair(set, pair);
    this.labels[row] = label;
    this.guidance[row] = guidance;
  }

  arrays(): Record<string, HostArray> {
    const { condition } = this.student.shape;
    if (condition === undefined) return {};
    return {
      classes: { shape: [this.rows, condition.classes], data: oneHot(this.labels, condition.classes) },
      guidance: { shape: [this.rows, 1], data: this.guidance },
    };
  }
}

/** What `ConditionRows` has put among a step's inputs. */
export const conditionIn = ({ classes, guidance }: Record<string, tf.Tensor>): Condition | undefined =>
  classes && { classes: classes as tf.Tensor2D, guidance: guidance as tf.Tensor2D };
