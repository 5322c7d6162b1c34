/**
 * The noise floor of a metric: what the teacher scores against itself under another seed. A score inside the floor's range cannot be told from
 * the teacher's own.
 */
import { SigdegError } from '../core/errors';
import { type Summary, summary } from '../core/statistics';

/** Fewer sets give too few pairs: the floor ranges over a factor of two between seeds. */
export const MIN_FLOOR_SETS = 3;

/** Median and range of the metric over all pairs of at least three sample sets of the teacher (or summaries of them). Throws NOT_COMPARABLE for fewer. */
export function noiseFloor<Set>(sets: readonly Set[], metric: (a: Set, b: Set) => number): Summary {
  if (sets.length < MIN_FLOOR_SETS) {
    throw new SigdegError('NOT_COMPARABLE', `expected at least ${MIN_FLOOR_SETS} sample sets for a noise floor, found ${sets.length}; use more teacher seeds`);
  }
  const values: number[] = [];
  for (let i = 0; i < sets.length; i++) {
    for (let j = i + 1; j < sets.length; j++) values.push(metric(sets[i]!, sets[j]!));
  }
  return summary(values);
}
