/**
 * The share of samples that lie nearer to a training item than nearly all held-out items do: than the 1 % quantile of these. A model that draws new items scores
 * about 1 %, one that repeats its training data 100 %. Of one set alone, without a reference.
 */
import { quantile } from '../core/statistics';
import { nearestDistances } from './neighbours';
import { itemCount } from './sample-set';

const RARE = 0.01;

/** The distance below which a sample counts as memorised. Sets are [n, dimension] flat. Throws NOT_COMPARABLE when one is empty. */
export const memoryDistance = (heldOut: Float32Array, training: Float32Array, dimension: number): number => quantile(nearestDistances(heldOut, training, dimension), RARE);

/** @param nearness [n], each sample's distance to the nearest training item over `memoryDistance`. @returns percent; NaN when one is not finite. Throws NOT_COMPARABLE when there are none. */
export function shareMemorised(nearness: Float32Array): number {
  const n = itemCount(nearness, 1);
  if (!nearness.every(Number.isFinite)) return NaN;
  return (100 * nearness.filter((value) => value < 1).length) / n;
}
