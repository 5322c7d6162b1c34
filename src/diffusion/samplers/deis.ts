import { levelAt } from '../../core/grid';
import { exponentialAdams } from './adams';
import { noiseIn } from './exponential';
import { sum } from './form';
import { orderAt } from './order';
import type { Solver } from './sampler';

/**
 * DEIS (Zhang and Chen, arXiv 2204.13902), the multistep tAB-DEIS in log rho, rho = sigma/alpha: the probability-flow ODE x/alpha = x_n/alpha_n + ∫ eps d rho with the
 * polynomial in log rho through the last eps. Order as many as are used.
 */
export const deis = (order: number): Solver => (step, input, n) => {
  const { lambda } = input.grid;
  const [at, to] = [levelAt(input.grid, n), levelAt(input.grid, n + 1)];
  const h = to.lambda - at.lambda;
  const answers = [noiseIn(step.x, step.denoise(step.x, at), at), ...step.memory].slice(0, order);
  // d rho = −e^{−lambda} d lambda
  const weights = exponentialAdams(-1, h, answers.slice(0, orderAt(order, input, n)).map((_, k) => lambda[n - k]! - at.lambda));
  return { next: sum([to.alpha / at.alpha, step.x], ...weights.map((weight, k) => [-to.sigma * weight, answers[k]!] as const)), memory: answers.slice(0, order - 1) };
};
