import { levelAt, type TimeGrid } from '../../core/grid';
import { odeStep } from './exponential';
import { sum, type Form } from './form';
import { orderAt } from './order';
import type { Solver } from './sampler';

/**
 * UniPC (Zhao et al., arXiv 2302.04867, Algorithms 5 and 6), multistep in data prediction: UniP-p predicts x_{n+1} from the last p answers, and when the next step
 * has evaluated the denoiser there, UniC-p corrects it at no further evaluation: order p + 1.
 * @param variant B(h) = −h (bh1) or e^{−h} − 1 (bh2).
 */
export const unipc = (order: number, variant: 'bh1' | 'bh2'): Solver => (step, input, n) => {
  const { grid } = input;
  const [last, ...before] = step.memory;
  const D = step.denoise(step.x, levelAt(grid, n));
  const x = last === undefined ? step.x : unified(grid, n - 1, last, before.slice(0, orderAt(order, input, n - 1)), D, variant);
  const answers = [D, ...before].slice(0, order);
  return { next: unified(grid, n, x, answers.slice(0, orderAt(order, input, n)), undefined, variant), memory: [x, ...answers] };
};

/**
 * x_{n+1} from x_n, the answers D_n, D_{n−1}, … and, for the corrector, that at n + 1: with r_k = (lambda_k − lambda_n)/h and phi the paper's functions of −h,
 *   keep x_n + drift D_n − a_{n+1} B(h) Σ_k rho_k (D_k − D_n)/r_k,    Σ_k r_k^{i−1} rho_k = i! phi_{i+1} (−h) / B(h).
 */
function unified(grid: TimeGrid, n: number, x: Form, [D, ...before]: Form[], at: Form | undefined, variant: 'bh1' | 'bh2'): Form {
  const to = levelAt(grid, n + 1);
  const h = to.lambda - grid.lambda[n]!;
  const { keep, drift } = odeStep(levelAt(grid, n), to);
  const B = variant === 'bh1' ? -h : Math.expm1(-h);
  const others = before.map((form, i) => ({ form, r: (grid.lambda[n - 1 - i]! - grid.lambda[n]!) / h }));
  if (at) others.push({ form: at, r: 1 });
  const rho = weights(others.map(({ r }) => r), h, B);
  return sum([keep, x], [drift, D!], ...others.flatMap(({ form, r }, k) => {
    const weight = (-to.alpha * B * rho[k]!) / r;
    return [[weight, form], [-weight, D!]] as const;
  }));
}

/** The rho_k; of one point 1/2, which is of the same order (appendix F). */
function weights(points: readonly number[], h: number, B: number): number[] {
  if (points.length === 1) return [0.5];
  let phi = Math.expm1(-h) / -h - 1;
  let factorial = 1;
  const rows = points.map((_, i) => {
    const value = (phi * factorial) / B;
    factorial *= i + 2;
    phi = phi / -h - 1 / factorial;
    return [...points.map((r) => r ** i), value];
  });
  return solved(rows);
}

/** The solution of a small linear system, each row with its right-hand side at the end: Gauss's elimination with the largest pivot. */
function solved(rows: number[][]): number[] {
  const count = rows.length;
  for (let i = 0; i < count; i++) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]!) > Math.abs(rows[best]![i]!) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    rows.forEach((row, k) => {
      const factor = k === i ? 0 : row[i]! / rows[i]![i]!;
      row.forEach((value, j) => { row[j] = value - factor * rows[i]![j]!; });
    });
  }
  return rows.map((row, i) => row[count]! / row[i]!);
}
