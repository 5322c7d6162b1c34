import type { PathSet } from './path-set';
import type { Student, TeacherX0 } from './student';

/** Who learns what: one lesson gives an objective for single steps, or one for whole paths. */
export interface Lesson {
  readonly student: Student;
  /** One for each step count. */
  readonly sets: readonly PathSet[];
  /** Steps of paths in a batch. */
  readonly batch: number;
  /** Of which steps are drawn when. */
  readonly seed: number;
  /** Of a student that corrects it. */
  readonly teacher: TeacherX0 | undefined;
}
