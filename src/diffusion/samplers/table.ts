import { ddim } from './ddim';
import { ddpm } from './ddpm';
import { dpmpp2m } from './dpmpp-2m';
import { eulerMaruyama } from './euler-maruyama';
import type { SolverName } from './names';
import type { Solver } from './sampler';
import { sdeDpmpp2m } from './sde-dpmpp-2m';

/** Every solver that works on a denoiser; what they are is in `names.ts`. */
export const SOLVERS: Record<SolverName, Solver> = {
  'euler-maruyama': eulerMaruyama,
  ddpm,
  ddim,
  'dpmpp-2m': dpmpp2m,
  'sde-dpmpp-2m': sdeDpmpp2m,
};
