/**
 * Pathwise error, the strong error of an SDE solver: how far two samples are apart that started from the same noise and were driven by the
 * same Brownian path. It says nothing for samplers that do not follow the path (ODE solvers).
 */
import { checkPaired } from './sample-set';

/**
 * sqrt(mean over items and dimensions of (a − b)²). a, b: flat sample sets of equal shape, item i of both on the same path. In units of the
 * data. Throws NOT_COMPARABLE when the sizes differ or are zero.
 */
export function pathwiseRmse(a: Float32Array, b: Float32Array): number {
  checkPaired(a, b);
  let squares = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    squares += difference * difference;
  }
  return Math.sqrt(squares / a.length);
}
