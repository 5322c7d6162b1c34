import type { Level } from '../../core/schedule';
import { sum, type Form } from './form';

/**
 * Steps from one noise level to another with x0 held fixed, exact for the linear part and for the noise; h = lambda_to − lambda_from. They are DPM-Solver++ of order 1
 * for the probability-flow ODE and for the backward SDE (Lu et al., arXiv 2211.01095).
 */

/** The ODE's factors: x_to = keep x + drift D, keep = s_to/s_from, drift = a_to (1 − e^{−h}). */
export const odeStep = (from: Level, to: Level): { keep: number; drift: number } => ({ keep: to.sigma / from.sigma, drift: -to.alpha * Math.expm1(from.lambda - to.lambda) });

/** The SDE's factors: x_to = keep x + drift D + noise z, keep = (s_to/s_from) e^{−h}, drift = a_to (1 − e^{−2h}), noise = s_to sqrt(1 − e^{−2h}). */
export function exponentialStep(from: Level, to: Level): { keep: number; drift: number; noise: number } {
  const h = to.lambda - from.lambda;
  const fresh = -Math.expm1(-2 * h);
  return { keep: (to.sigma / from.sigma) * Math.exp(-h), drift: to.alpha * fresh, noise: to.sigma * Math.sqrt(fresh) };
}

/** The noise of a state, given its clean item: eps = (x − a D) / s. */
export const noiseIn = (x: Form, D: Form, { alpha, sigma }: Level): Form => sum([1 / sigma, x], [-alpha / sigma, D]);
