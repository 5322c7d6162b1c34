import type { Solver } from './sampler';

/** DDIM (Song et al., arXiv 2010.02502) with eta = 0: x_{n+1} = alpha_{n+1} x0 + sigma_{n+1} eps, eps = (x_n − alpha_n x0) / sigma_n. Deterministic. */
export const ddim: Solver = {
  noise: 'none',
  multistep: false,
  coefficients({ grid }, n) {
    const keep = grid.sigma[n + 1]! / grid.sigma[n]!;
    return { keep, drift: grid.alpha[n + 1]! - grid.alpha[n]! * keep, noise: 0, bend: 0 };
  },
};
