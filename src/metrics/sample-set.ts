/** Checks that the metrics share. A sample set is a flat array [n, dimension], row after row. */
import { SigdegError } from '../core/errors';

/** Number of items in the set. Throws NOT_COMPARABLE when it is empty or its length is no multiple of the dimension. */
export function itemCount(set: Float32Array, dimension: number): number {
  const count = set.length / dimension;
  if (!Number.isInteger(count) || count < 1) {
    throw new SigdegError('NOT_COMPARABLE', `expected a sample set of items with ${dimension} numbers, found ${set.length} numbers in all`);
  }
  return count;
}

/** `itemCount`, of which `what` needs at least `least`. Throws NOT_COMPARABLE. */
export function atLeast(least: number, set: Float32Array, dimension: number, what: string): number {
  const count = itemCount(set, dimension);
  if (count < least) throw new SigdegError('NOT_COMPARABLE', `expected sample sets of at least ${least} items for ${what}, found ${count}; draw more`);
  return count;
}

/** Throws NOT_COMPARABLE when two sets whose items share their paths differ in size, or are empty. */
export function checkPaired(a: Float32Array, b: Float32Array): void {
  if (a.length !== b.length || a.length === 0) {
    throw new SigdegError('NOT_COMPARABLE', `expected two sample sets on the same paths, found ${a.length} and ${b.length} numbers; draw both with one seed and count`);
  }
}
