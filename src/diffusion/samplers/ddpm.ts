import type { Solver } from './sampler';

/**
 * Ancestral sampling of DDPM (Ho et al., arXiv 2006.11239) with the posterior's variance, on any grid. It is the exponential integrator of the backward
 * SDE with x0 held fixed over the step, and SDE-DPM-Solver++ of order 1 (Lu et al., arXiv 2211.01095): with h = lambda_{n+1} − lambda_n
 *   x_{n+1} = (s_{n+1}/s_n) e^{−h} x_n + a_{n+1} (1 − e^{−2h}) x0 + s_{n+1} sqrt(1 − e^{−2h}) z.
 */
export const ddpm: Solver = {
  noise: 'signature',
  multistep: false,
  coefficients: ({ grid }, n) => ({ ...exponentialStep(grid, n), bend: 0 }),
};

/** The coefficients of x_n, x0 and z in the step from node n: exact for the linear part and for the noise. */
export function exponentialStep(grid: { sigma: ArrayLike<number>; alpha: ArrayLike<number>; lambda: ArrayLike<number> }, n: number): { keep: number; drift: number; noise: number } {
  const h = grid.lambda[n + 1]! - grid.lambda[n]!;
  const fresh = -Math.expm1(-2 * h);
  return {
    keep: (grid.sigma[n + 1]! / grid.sigma[n]!) * Math.exp(-h),
    drift: grid.alpha[n + 1]! * fresh,
    noise: grid.sigma[n + 1]! * Math.sqrt(fresh),
  };
}
