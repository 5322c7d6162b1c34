import { levelAt } from '../../core/grid';
import type { Level } from '../../core/schedule';
import { ddpm } from './ddpm';
import { exponentialStep } from './exponential';
import { sum } from './form';
import type { Solver, StepInput } from './sampler';

/**
 * SEEDS (Gonzalez et al., arXiv 2305.14267) in data prediction: exponential Runge–Kutta for the backward SDE, each stage under the noise up to where it stands. So that
 * this noise is the path's, stages stand at the fine nodes nearest to lambda_n + r h; a step without such nodes is the exponential step. Strong order 1.
 */

/** SEEDS-2, r = 1/2, two evaluations a step. */
export const seeds2: Solver = (step, input, n) => {
  const [middle] = nodesAt(input, n, [1 / 2]);
  if (middle === undefined) return ddpm(step, input, n);
  const [at, to] = [levelAt(input.grid, n), levelAt(input.grid, n + 1)];
  const r = (middle.level.lambda - at.lambda) / (to.lambda - at.lambda);
  const D = step.denoise(step.x, at);
  const first = exponentialStep(at, middle.level);
  const u = sum([first.keep, step.x], [first.drift, D], [first.noise, step.part(middle.from, middle.node)]);
  const D2 = step.denoise(u, middle.level);
  const { keep, drift, noise } = exponentialStep(at, to);
  return { next: sum([keep, step.x], [drift * (1 - 1 / (2 * r)), D], [drift / (2 * r), D2], [noise, step.signature(n)]) };
};

/** SEEDS-3, r = 1/3 and 2/3, three evaluations a step. */
export const seeds3: Solver = (step, input, n) => {
  const [one, two] = nodesAt(input, n, [1 / 3, 2 / 3]);
  if (one === undefined || two === undefined) return ddpm(step, input, n);
  const [at, to] = [levelAt(input.grid, n), levelAt(input.grid, n + 1)];
  const h = to.lambda - at.lambda;
  const [r1, r2] = [(one.level.lambda - at.lambda) / h, (two.level.lambda - at.lambda) / h];
  const D = step.denoise(step.x, at);
  const first = exponentialStep(at, one.level);
  const D2 = step.denoise(sum([first.keep, step.x], [first.drift, D], [first.noise, step.part(one.from, one.node)]), one.level);
  const second = exponentialStep(at, two.level);
  const bend2 = (r2 / r1) * two.level.alpha * bend(r2 * h);
  const D3 = step.denoise(sum([second.keep, step.x], [second.drift - bend2, D], [bend2, D2], [second.noise, step.part(two.from, two.node)]), two.level);
  const { keep, drift, noise } = exponentialStep(at, to);
  const bend3 = (to.alpha * bend(h)) / r2;
  return { next: sum([keep, step.x], [drift - bend3, D], [bend3, D3], [noise, step.signature(n)]) };
};

/** ∫_0^h 2 e^{2 (u − h)} u/h du. */
const bend = (h: number): number => 1 + Math.expm1(-2 * h) / (2 * h);

/** For each r the fine node nearest to lambda_n + r h, strictly inside the step and one after the other; none where there are too few. */
function nodesAt({ grid, within }: StepInput, n: number, parts: readonly number[]): { from: number; node: number; level: Level }[] {
  if (within === undefined) return [];
  const { fine, indices } = within;
  const [from, to] = [indices[n]!, indices[n + 1]!];
  if (to - from <= parts.length) return [];
  let last = from;
  return parts.map((r, k) => {
    const target = grid.lambda[n]! + r * (grid.lambda[n + 1]! - grid.lambda[n]!);
    const most = to - (parts.length - k);
    let node = last + 1;
    while (node < most && Math.abs(fine.lambda[node + 1]! - target) <= Math.abs(fine.lambda[node]! - target)) node++;
    last = node;
    return { from, node, level: levelAt(fine, node) };
  });
}
