import { exponentialStep } from './ddpm';
import { extrapolation } from './dpmpp-2m';
import type { Solver } from './sampler';

/** SDE-DPM-Solver++ 2M (Lu et al., arXiv 2211.01095, appendix; "midpoint" form): the exponential step with the x0 of DPM-Solver++ 2M. */
export const sdeDpmpp2m: Solver = {
  noise: 'signature',
  multistep: true,
  coefficients: (input, n) => ({ ...exponentialStep(input.grid, n), bend: extrapolation(input, n) }),
};
