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
