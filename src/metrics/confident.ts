/**
 * The share of samples that a classifier recognises: its most likely class has at least 0.95 probability. Of one set alone, without a reference; real items
 * score what the classifier scores on its test set.
 */
import { itemCount } from './sample-set';

const CONFIDENT = 0.95;

/** @param confidence [n], the probability of the most likely class. NaN when one is not finite. Throws NOT_COMPARABLE when there are none. */
export function shareConfident(confidence: Float32Array): number {
  const n = itemCount(confidence, 1);
  if (!confidence.every(Number.isFinite)) return NaN;
  return confidence.filter((value) => value >= CONFIDENT).length / n;
}
