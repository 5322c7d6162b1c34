import { ddim, ddimEta } from './ddim';
import { ddpm } from './ddpm';
import { deis } from './deis';
import { dpmpp2s, dpmSolver2, dpmSolver3 } from './dpm-solver';
import { dpmpp2m } from './dpmpp-2m';
import { dpmpp3m, sdeDpmpp3m } from './dpmpp-3m';
import { eulerMaruyama } from './euler-maruyama';
import { heun } from './heun';
import type { SolverName } from './names';
import { saSolver } from './sa-solver';
import type { Solver } from './sampler';
import { sdeDpmpp2m } from './sde-dpmpp-2m';
import { seeds2, seeds3 } from './seeds';
import { shark, sra1 } from './srk';
import { unipc } from './unipc';

/** Every solver that works on a denoiser; what they are is in `names.ts`. */
export const SOLVERS: Record<SolverName, Solver> = {
  'euler-maruyama': eulerMaruyama,
  ddpm,
  'euler-ancestral': ddpm,
  'sde-dpmpp-2m': sdeDpmpp2m,
  'sde-dpmpp-3m': sdeDpmpp3m,
  'sa-solver': saSolver,
  'seeds-2': seeds2,
  'seeds-3': seeds3,
  sra1,
  shark,
  ddim,
  euler: ddim,
  heun: heun(),
  'dpm-solver-1': ddim,
  'dpm-solver-2': dpmSolver2,
  'dpm-solver-3': dpmSolver3,
  'dpmpp-2s': dpmpp2s,
  'dpmpp-2m': dpmpp2m,
  'dpmpp-3m': dpmpp3m,
  unipc: unipc(2, 'bh2'),
  'unipc-bh1': unipc(2, 'bh1'),
  'unipc-3': unipc(3, 'bh2'),
  'deis-2': deis(2),
  'deis-3': deis(3),
  'ddim-eta': ddimEta,
  'heun-churn': heun(true),
};
