import { levelAt } from '../../core/grid';
import { sum } from './form';
import type { Solver } from './sampler';

/**
 * Stochastic Runge–Kutta for additive noise on the backward SDE in its own clock theta = exp(2 lambda), in which it is dV = D d theta + dB with V = theta x / alpha.
 * A step of length delta reads the increment W of B and its space-time Lévy area H:
 *   V_1 = V + a_1 H,   V_2 = V + c delta D_1 + c W + a_2 H at theta + c delta,   V' = V + delta (b_1 D_1 + b_2 D_2) + W.
 * Two evaluations a step, strong order 1.5.
 */
interface Tableau {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly c: number;
}

/** SRA1 (Rößler, SIAM J. Numer. Anal. 48, 2010, Table 6.2). */
export const sra1 = additive({ a: [0, 3 / 2], b: [1 / 3, 2 / 3], c: 3 / 4 });

/** ShARK (Foster, dos Reis and Strange, arXiv 2210.17543, eq. 6.1). */
export const shark = additive({ a: [1, 1], b: [2 / 5, 3 / 5], c: 5 / 6 });

function additive({ a, b, c }: Tableau): Solver {
  return (step, { grid, schedule }, n) => {
    const [at, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
    const [theta, end] = [Math.exp(2 * at.lambda), Math.exp(2 * to.lambda)];
    const delta = end - theta;
    const middle = schedule.levelOf(Math.log(theta + c * delta) / 2);
    const [W, H] = step.areas(n);
    const root = Math.sqrt(delta);
    const V = sum([theta / at.alpha, step.x]);
    const D1 = step.denoise(sum([1, step.x], [(a[0] * root * at.alpha) / theta, H]), at);
    const V2 = sum([1, V], [c * delta, D1], [c * root, W], [a[1] * root, H]);
    const D2 = step.denoise(sum([middle.alpha / (theta + c * delta), V2]), middle);
    return { next: sum([to.alpha / end, sum([1, V], [b[0] * delta, D1], [b[1] * delta, D2], [root, W])]) };
  };
}
