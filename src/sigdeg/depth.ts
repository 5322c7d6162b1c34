/** Fewest signature terms that the rule for several step counts gives: beyond them, measured at 5 and 10 steps, the network is what limits. */
const FEWEST = 3;
/** A single step over everything takes this many terms, N steps an N-th of them each. */
const OVER_ALL = 20;

/**
 * Signature terms that a student of depth m reads in each of N steps. One that is trained for a single step count reads all m. One for several reads
 * about 20 / N: the longer the steps, the more of the path's shape matters, and terms that teach nothing cost memory. The rest of its input is zero there.
 * @param counts the step counts that it is trained for.
 */
export function termsAt(depth: number, counts: readonly number[], steps: number): number {
  return counts.length === 1 ? depth : Math.min(depth, Math.max(FEWEST, Math.ceil(OVER_ALL / steps)));
}
