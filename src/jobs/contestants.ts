import type { GridKind } from '../core/grid';
import { NOISE_SETTINGS, SAMPLERS, STUDENT_SAMPLER, type NoiseAmounts, type SamplerName } from '../diffusion/samplers/names';
import type { Evaluation } from './config-evaluation';
import { teacherEvaluations, type SampleCondition } from './condition';
import { loadModel } from './model';
import type { SamplingChoice } from './simulate';

/** What an evaluation measures: a sampler with one of its settings, under every seed. */
export interface Contestant {
  readonly choice: Omit<SamplingChoice, 'seed'>;
  readonly nfe: number;
  /** Signature terms of a student. */
  readonly depth: number | null;
}

/**
 * The fine teacher, on the paths that everything else is compared on: the ancestral sampler with every fine step, or with fewer steps SDE-DPM-Solver++ 2M,
 * which has the same limit on every path. Measured on MNIST, 1536 samples: 100 steps are 0.30 from the 1000 (Fréchet distance on the same noise, where two sets
 * of other noise are 42 apart) at a path RMSE of 0.067.
 */
export function referenceOf(teacherId: string, fineSteps: number, { steps = fineSteps, condition }: { readonly steps?: number | undefined; readonly condition?: SampleCondition | undefined } = {}): Contestant {
  const sampler = steps === fineSteps ? 'ddpm' : 'sde-dpmpp-2m';
  const choice = { model: teacherId, weights: 'ema', sampler, steps, grid: 'quad', lowerOrderFinal: true, clamp: false, brownian: 'shared', ...(condition && { condition }) } as const;
  return { choice, nfe: steps * teacherEvaluations(condition), depth: null };
}

/**
 * Every solver at every step count on every grid and setting, then the students, each at those of the step counts that it was trained
 * for (at all of its own where none of them is wanted).
 */
export function contestantsOf(evaluation: Evaluation, teacherId: string, students: readonly string[], runsDir: string, image: boolean, condition?: SampleCondition): Contestant[] {
  const common = { weights: 'ema', brownian: 'shared', ...(condition && { condition }) } as const;
  const solvers = evaluation.samplers.filter((sampler) => sampler !== STUDENT_SAMPLER);
  const ofSolvers = solvers.flatMap((sampler) => evaluation.steps.flatMap((steps) =>
    settingsOf(sampler, evaluation, steps, image).map((setting): Contestant => ({
      choice: { ...common, model: teacherId, sampler, steps, ...setting },
      nfe: steps * SAMPLERS[sampler].evaluationsPerStep * teacherEvaluations(condition),
      depth: null,
    }))));
  if (!evaluation.samplers.includes(STUDENT_SAMPLER)) return ofSolvers;
  const ofStudents = students.flatMap((id) => {
    const { config, model } = loadModel(runsDir, id, 'ema').student!;
    const trained = [config.student.steps].flat();
    const wanted = trained.filter((steps) => evaluation.steps.includes(steps));
    return (wanted.length > 0 ? wanted : trained).map((steps): Contestant => ({
      choice: { ...common, model: id, sampler: STUDENT_SAMPLER, steps, grid: config.student.grid, lowerOrderFinal: true, clamp: false },
      nfe: steps * model.evaluationsPerStep,
      depth: config.student.depth,
    }));
  });
  return [...ofSolvers, ...ofStudents];
}

type Setting = { grid: GridKind; lowerOrderFinal: boolean; clamp: boolean } & NoiseAmounts;

/** Every setting of a solver that a fair comparison tries. One step is the same on all grids and of first order. */
function settingsOf(sampler: SamplerName, { grids, etas, churns }: Evaluation, steps: number, image: boolean): Setting[] {
  const { settings } = SAMPLERS[sampler];
  const orders = settings.includes('lowerOrderFinal') && steps > 1 ? [true, false] : [true];
  const clamps = settings.includes('clamp') && image ? [false, true] : [false];
  const used = steps > 1 ? grids : grids.slice(0, 1);
  const noises: NoiseAmounts[] = settings.includes('eta') ? (etas ?? [NOISE_SETTINGS.eta.usual]).map((eta) => ({ eta }))
    : settings.includes('churn') ? (churns ?? [NOISE_SETTINGS.churn.usual]).map((churn) => ({ churn })) : [{}];
  return used.flatMap((grid) => orders.flatMap((lowerOrderFinal) => clamps.flatMap((clamp) => noises.map((noise) => ({ grid, lowerOrderFinal, clamp, ...noise })))));
}
