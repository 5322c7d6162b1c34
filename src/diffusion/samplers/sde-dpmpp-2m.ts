import { levelAt } from '../../core/grid';
import { extrapolated } from './dpmpp-2m';
import { exponentialStep } from './exponential';
import { sum } from './form';
import type { Solver } from './sampler';

/** SDE-DPM-Solver++ 2M (Lu et al., arXiv 2211.01095, appendix; "midpoint" form): the exponential step with the x0 of DPM-Solver++ 2M. Order 2 in the drift, strong order 1. */
export const sdeDpmpp2m: Solver = (step, input, n) => {
  const at = levelAt(input.grid, n);
  const D = step.denoise(step.x, at);
  const { keep, drift, noise } = exponentialStep(at, levelAt(input.grid, n + 1));
  return { next: sum([keep, step.x], [drift, extrapolated(D, step.memory[0], input, n)], [noise, step.signature(n)]), memory: [D] };
};
