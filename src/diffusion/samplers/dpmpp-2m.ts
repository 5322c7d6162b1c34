import type { Solver, StepInput } from './sampler';

/**
 * DPM-Solver++ 2M (Lu et al., arXiv 2211.01095, Algorithm 2): the probability-flow ODE in data prediction, second order by the previous
 * step's x0. With r = h_{n−1} / h_n: D = x0_n + (x0_n − x0_{n−1}) / (2 r), x_{n+1} = (sigma_{n+1}/sigma_n) x_n + alpha_{n+1} (1 − e^{−h}) D.
 */
export const dpmpp2m: Solver = {
  noise: 'none',
  multistep: true,
  coefficients(input, n) {
    const { alpha, sigma, lambda } = input.grid;
    const h = lambda[n + 1]! - lambda[n]!;
    return { keep: sigma[n + 1]! / sigma[n]!, drift: -alpha[n + 1]! * Math.expm1(-h), noise: 0, bend: extrapolation(input, n) };
  },
};

/** 1 / (2 r): the line through this x0 and the one before, read off at the middle of the step; 0 where there is none or order 1 is wanted. */
export function extrapolation({ grid: { lambda, steps }, settings }: StepInput, n: number): number {
  if (n === 0 || (n === steps - 1 && settings.lowerOrderFinal)) return 0;
  const r = (lambda[n]! - lambda[n - 1]!) / (lambda[n + 1]! - lambda[n]!);
  return 1 / (2 * r);
}
