import { levelAt } from '../../core/grid';
import { noiseIn, odeStep } from './exponential';
import { sum, type Form } from './form';
import { NOISE_SETTINGS } from './names';
import type { Solver } from './sampler';

/**
 * Heun's method of EDM (Karras et al., arXiv 2206.00364, Algorithm 2), order 2: on x/alpha in the variable s = sigma/alpha, whose slope is eps,
 * the mean of the slopes at both ends of the step. Two evaluations a step, the last one included, as no grid ends at s = 0.
 * @param churned whether it takes noise, by the setting `churn`, the paper's S_churn: before a step s is raised by gamma = min(churn / steps, √2 − 1) of itself with new noise, but never above the first node's,
 * beyond which no network was trained; S_noise = 1. With it the samples follow another SDE than the backward one.
 */
export const heun = (churned = false): Solver => (step, { grid, schedule, settings: { churn = NOISE_SETTINGS.churn.usual } }, n) => {
  const [node, to] = [levelAt(grid, n), levelAt(grid, n + 1)];
  const gamma = churned ? Math.min(churn / grid.steps, Math.SQRT2 - 1) : 0;
  const raised = gamma > 0 && n > 0;
  const at = raised ? schedule.levelOf(Math.max(node.lambda - Math.log1p(gamma), grid.lambda[0]!)) : node;
  const [ratio, toRatio] = [at.sigma / at.alpha, to.sigma / to.alpha];
  const x: Form = raised ? sum([at.alpha / node.alpha, step.x], [at.alpha * Math.sqrt(ratio ** 2 - (node.sigma / node.alpha) ** 2), step.signature(n)]) : step.x;
  const D = step.denoise(x, at);
  const { keep, drift } = odeStep(at, to);
  const euler = sum([keep, x], [drift, D]);
  const slope = sum([0.5, noiseIn(x, D, at)], [0.5, noiseIn(euler, step.denoise(euler, to), to)]);
  return { next: sum([to.alpha / at.alpha, x], [to.alpha * (toRatio - ratio), slope]) };
};
