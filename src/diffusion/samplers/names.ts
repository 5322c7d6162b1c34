/**
 * What every sampler is, without tfjs, so that the command line and the editor can list and check them. The solvers' steps are in `table.ts`; the student
 * has its own in `src/sigdeg`.
 */
import { SigdegError } from '../../core/errors';
import { nearest } from '../../core/nearest';

export const SOLVER_NAMES = ['euler-maruyama', 'ddpm', 'ddim', 'dpmpp-2m', 'sde-dpmpp-2m'] as const;
export type SolverName = (typeof SOLVER_NAMES)[number];

export const STUDENT_SAMPLER = 'sig-deg';

export const SAMPLER_NAMES = [...SOLVER_NAMES, STUDENT_SAMPLER] as const;
export type SamplerName = (typeof SAMPLER_NAMES)[number];

/** Settings that a fair comparison searches: `grid` (node placement), `lowerOrderFinal` (last step at order 1), `clamp` (x0 kept in the data's range). */
export type SamplerSetting = 'grid' | 'lowerOrderFinal' | 'clamp';

export interface SamplerInfo {
  readonly title: string;
  /** An SDE solver follows the Brownian path, so that it has a pathwise error; an ODE solver uses only the initial noise. */
  readonly kind: 'ode' | 'sde';
  /** Order of convergence in the step size (strong order for SDEs); null where the method learns its step. */
  readonly order: number | null;
  /** Network evaluations per step: NFE = evaluationsPerStep × steps. */
  readonly evaluationsPerStep: number;
  readonly settings: readonly SamplerSetting[];
  readonly paper: string;
}

export const SAMPLERS: Readonly<Record<SamplerName, SamplerInfo>> = {
  'euler-maruyama': {
    title: 'Euler–Maruyama',
    kind: 'sde',
    order: 1,
    evaluationsPerStep: 1,
    settings: ['grid', 'clamp'],
    paper: 'Song et al., arXiv 2011.13456',
  },
  ddpm: {
    title: 'DDPM ancestral',
    kind: 'sde',
    order: 1,
    evaluationsPerStep: 1,
    settings: ['grid', 'clamp'],
    paper: 'Ho et al., arXiv 2006.11239',
  },
  ddim: {
    title: 'DDIM',
    kind: 'ode',
    order: 1,
    evaluationsPerStep: 1,
    settings: ['grid', 'clamp'],
    paper: 'Song et al., arXiv 2010.02502',
  },
  'dpmpp-2m': {
    title: 'DPM-Solver++ 2M',
    kind: 'ode',
    order: 2,
    evaluationsPerStep: 1,
    settings: ['grid', 'lowerOrderFinal', 'clamp'],
    paper: 'Lu et al., arXiv 2211.01095',
  },
  'sde-dpmpp-2m': {
    title: 'SDE-DPM-Solver++ 2M',
    kind: 'sde',
    order: 1,
    evaluationsPerStep: 1,
    settings: ['grid', 'lowerOrderFinal', 'clamp'],
    paper: 'Lu et al., arXiv 2211.01095',
  },
  'sig-deg': {
    title: 'Sig-DEG student',
    kind: 'sde',
    order: null,
    evaluationsPerStep: 1,
    settings: [],
    paper: 'arXiv 2508.16939',
  },
};

export function isSamplerName(name: string): name is SamplerName {
  return (SAMPLER_NAMES as readonly string[]).includes(name);
}

/** The sampler of a name that somebody typed. @throws SigdegError BAD_USAGE with the nearest name. */
export function samplerName(name: string): SamplerName {
  if (isSamplerName(name)) return name;
  const suggestion = nearest(name, SAMPLER_NAMES);
  throw new SigdegError(
    'BAD_USAGE',
    `unknown sampler '${name}'${suggestion === undefined ? '' : `, did you mean '${suggestion}'?`} (there are: ${SAMPLER_NAMES.join(', ')})`,
  );
}
