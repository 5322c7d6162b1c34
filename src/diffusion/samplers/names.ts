/**
 * What every sampler is, without tfjs, so that the command line and the editor can list and check them. The solvers' steps are in `table.ts`; the student
 * has its own in `src/sigdeg`.
 */
import { SigdegError } from '../../core/errors';
import { nearest } from '../../core/nearest';

export const SOLVER_NAMES = [
  'euler-maruyama', 'ddpm', 'euler-ancestral', 'sde-dpmpp-2m', 'sde-dpmpp-3m', 'sa-solver', 'seeds-2', 'seeds-3', 'sra1', 'shark', 'ddim', 'euler',
  'heun', 'dpm-solver-1', 'dpm-solver-2', 'dpm-solver-3', 'dpmpp-2s', 'dpmpp-2m', 'dpmpp-3m', 'unipc', 'unipc-bh1', 'unipc-3', 'deis-2', 'deis-3',
  'ddim-eta', 'heun-churn',
] as const;
export type SolverName = (typeof SOLVER_NAMES)[number];

export const STUDENT_SAMPLER = 'sig-deg';

export const SAMPLER_NAMES = [...SOLVER_NAMES, STUDENT_SAMPLER] as const;
export type SamplerName = (typeof SAMPLER_NAMES)[number];

/** What an evaluation compares where nothing else is asked for: a solver more makes none of them longer. */
export const DEFAULT_SAMPLERS = ['euler-maruyama', 'ddpm', 'ddim', 'dpmpp-2m', 'sde-dpmpp-2m', 'unipc', STUDENT_SAMPLER] as const satisfies readonly SamplerName[];

/**
 * Settings that a fair comparison searches: `grid` (node placement), `lowerOrderFinal` (last steps at lower order), `clamp` (x0 kept in the data's range), and how
 * much noise a noisy sampler takes: `eta` of DDIM, `churn` (S_churn) of Heun.
 */
export type SamplerSetting = 'grid' | 'lowerOrderFinal' | 'clamp' | NoiseSetting;

/** By setting: what is meant where none is given, and the largest that has a meaning. */
export const NOISE_SETTINGS = { eta: { usual: 0.5, most: 1 }, churn: { usual: 10, most: Infinity } } as const;
export type NoiseSetting = keyof typeof NOISE_SETTINGS;
export type NoiseAmounts = Partial<Record<NoiseSetting, number>>;

/** Those that were given, and no others. */
export const noiseSettings = ({ eta, churn }: Partial<Record<NoiseSetting, number | undefined>>): NoiseAmounts =>
  ({ ...(eta === undefined ? {} : { eta }), ...(churn === undefined ? {} : { churn }) });

export interface SamplerInfo {
  readonly title: string;
  /**
   * An SDE solver follows the Brownian path of the backward SDE, so that it has a pathwise error; an ODE solver uses only the initial noise; a noisy one takes the
   * path's numbers for an SDE of its own.
   */
  readonly kind: 'ode' | 'sde' | 'noisy';
  /** Order of convergence in the step size (strong order for SDEs); null where the method learns its step. */
  readonly order: number | null;
  /** Network evaluations per step: NFE = evaluationsPerStep × steps. */
  readonly evaluationsPerStep: number;
  readonly settings: readonly SamplerSetting[];
  readonly paper: string;
}

const EVERY: readonly SamplerSetting[] = ['grid', 'clamp'];
const MULTISTEP: readonly SamplerSetting[] = ['grid', 'lowerOrderFinal', 'clamp'];

export const SAMPLERS: Readonly<Record<SamplerName, SamplerInfo>> = {
  'euler-maruyama': { title: 'Euler–Maruyama', kind: 'sde', order: 1, evaluationsPerStep: 1, settings: EVERY, paper: 'Song et al., arXiv 2011.13456' },
  ddpm: { title: 'DDPM ancestral', kind: 'sde', order: 1, evaluationsPerStep: 1, settings: EVERY, paper: 'Ho et al., arXiv 2006.11239' },
  'euler-ancestral': { title: 'Euler ancestral (= DDPM)', kind: 'sde', order: 1, evaluationsPerStep: 1, settings: EVERY, paper: 'Ho et al., arXiv 2006.11239' },
  'sde-dpmpp-2m': { title: 'SDE-DPM-Solver++ 2M', kind: 'sde', order: 1, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Lu et al., arXiv 2211.01095' },
  'sde-dpmpp-3m': { title: 'SDE-DPM-Solver++ 3M', kind: 'sde', order: 1, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Lu et al., arXiv 2211.01095' },
  'sa-solver': { title: 'SA-Solver', kind: 'sde', order: 1, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Xue et al., arXiv 2309.05019' },
  'seeds-2': { title: 'SEEDS-2', kind: 'sde', order: 1, evaluationsPerStep: 2, settings: EVERY, paper: 'Gonzalez et al., arXiv 2305.14267' },
  'seeds-3': { title: 'SEEDS-3', kind: 'sde', order: 1, evaluationsPerStep: 3, settings: EVERY, paper: 'Gonzalez et al., arXiv 2305.14267' },
  sra1: { title: 'SRA1', kind: 'sde', order: 1.5, evaluationsPerStep: 2, settings: EVERY, paper: 'Rößler, doi 10.1137/09076636X' },
  shark: { title: 'ShARK', kind: 'sde', order: 1.5, evaluationsPerStep: 2, settings: EVERY, paper: 'Foster et al., arXiv 2210.17543' },
  ddim: { title: 'DDIM', kind: 'ode', order: 1, evaluationsPerStep: 1, settings: EVERY, paper: 'Song et al., arXiv 2010.02502' },
  euler: { title: 'Euler (= DDIM)', kind: 'ode', order: 1, evaluationsPerStep: 1, settings: EVERY, paper: 'Karras et al., arXiv 2206.00364' },
  heun: { title: 'Heun (EDM)', kind: 'ode', order: 2, evaluationsPerStep: 2, settings: EVERY, paper: 'Karras et al., arXiv 2206.00364' },
  'dpm-solver-1': { title: 'DPM-Solver-1 (= DDIM)', kind: 'ode', order: 1, evaluationsPerStep: 1, settings: EVERY, paper: 'Lu et al., arXiv 2206.00927' },
  'dpm-solver-2': { title: 'DPM-Solver-2', kind: 'ode', order: 2, evaluationsPerStep: 2, settings: EVERY, paper: 'Lu et al., arXiv 2206.00927' },
  'dpm-solver-3': { title: 'DPM-Solver-3', kind: 'ode', order: 3, evaluationsPerStep: 3, settings: EVERY, paper: 'Lu et al., arXiv 2206.00927' },
  'dpmpp-2s': { title: 'DPM-Solver++ 2S', kind: 'ode', order: 2, evaluationsPerStep: 2, settings: EVERY, paper: 'Lu et al., arXiv 2211.01095' },
  'dpmpp-2m': { title: 'DPM-Solver++ 2M', kind: 'ode', order: 2, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Lu et al., arXiv 2211.01095' },
  'dpmpp-3m': { title: 'DPM-Solver++ 3M', kind: 'ode', order: 2, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Lu et al., arXiv 2211.01095' },
  unipc: { title: 'UniPC, order 2, bh2', kind: 'ode', order: 3, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Zhao et al., arXiv 2302.04867' },
  'unipc-bh1': { title: 'UniPC, order 2, bh1', kind: 'ode', order: 3, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Zhao et al., arXiv 2302.04867' },
  'unipc-3': { title: 'UniPC, order 3, bh2', kind: 'ode', order: 4, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Zhao et al., arXiv 2302.04867' },
  'deis-2': { title: 'DEIS, order 2', kind: 'ode', order: 2, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Zhang and Chen, arXiv 2204.13902' },
  'deis-3': { title: 'DEIS, order 3', kind: 'ode', order: 3, evaluationsPerStep: 1, settings: MULTISTEP, paper: 'Zhang and Chen, arXiv 2204.13902' },
  'ddim-eta': { title: 'DDIM with noise (eta)', kind: 'noisy', order: 1, evaluationsPerStep: 1, settings: [...EVERY, 'eta'], paper: 'Song et al., arXiv 2010.02502' },
  'heun-churn': { title: 'Heun (EDM) with churn', kind: 'noisy', order: 2, evaluationsPerStep: 2, settings: [...EVERY, 'churn'], paper: 'Karras et al., arXiv 2206.00364' },
  'sig-deg': { title: 'Sig-DEG student', kind: 'sde', order: null, evaluationsPerStep: 1, settings: [], paper: 'arXiv 2508.16939' },
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
