/** What a report is made of. Whoever evaluates fills this in; nothing here reads a file. */
import type { EvaluationRow } from '../store/evaluation-row';
import type { ComparisonLine } from './comparison';

/** Samples of one contestant, [n, …itemShape] flat, in model units; in a report of images all sets share their noise, item by item. */
export interface SampleSet {
  readonly contestant: ComparisonLine | 'data';
  readonly samples: Float32Array;
}

/** The losses of one training, on what it is trained on or on what is held out. */
export interface LossSeries {
  readonly label: string;
  readonly kind: 'teacher' | 'student';
  /** Signature depth of a student. */
  readonly depth: number | null;
  readonly heldOut: boolean;
  readonly points: readonly (readonly [step: number, loss: number])[];
}

export interface ReportInput {
  readonly title: string;
  /** What was run, in order: experiment, dataset, engine, seeds, n, total time, versions… */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly rows: readonly EvaluationRow[];
  readonly samples?: { readonly itemShape: readonly number[]; readonly sets: readonly SampleSet[] };
  readonly losses?: readonly LossSeries[];
}
