import type { GridKind } from '../core/grid';
import { SAMPLERS, STUDENT_SAMPLER, type SamplerName } from '../diffusion/samplers/names';
import type { EvaluationSection } from './config';
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

/** The fine teacher, on the paths that everything else is compared on. */
export function referenceOf(teacherId: string, fineSteps: number, condition?: SampleCondition): Contestant {
  const choice = { model: teacherId, weights: 'ema', sampler: 'ddpm', steps: fineSteps, grid: 'quad', lowerOrderFinal: true, clamp: false, brownian: 'shared', ...(condition && { condition }) } as const;
  return { choice, nfe: fineSteps * teacherEvaluations(condition), depth: null };
}

/**
 * Every solver at every step count on every grid and setting, then the students, each at those of the step counts that it was trained
 * for (at all of its own where none of them is wanted).
 */
export function contestantsOf(evaluation: EvaluationSection, teacherId: string, students: readonly string[], runsDir: string, image: boolean, condition?: SampleCondition): Contestant[] {
  const common = { weights: 'ema', brownian: 'shared', ...(condition && { condition }) } as const;
  const solvers = evaluation.samplers.filter((sampler) => sampler !== STUDENT_SAMPLER);
  const ofSolvers = solvers.flatMap((sampler) => evaluation.steps.flatMap((steps) =>
    settingsOf(sampler, evaluation.grids, steps, image).map((setting): Contestant => ({
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

/** Every setting of a solver that a fair comparison tries. One step is the same on all grids and of first order. */
function settingsOf(sampler: SamplerName, grids: readonly GridKind[], steps: number, image: boolean): { grid: GridKind; lowerOrderFinal: boolean; clamp: boolean }[] {
  const { settings } = SAMPLERS[sampler];
  const orders = settings.includes('lowerOrderFinal') && steps > 1 ? [true, false] : [true];
  const clamps = settings.includes('clamp') && image ? [false, true] : [false];
  const used = steps > 1 ? grids : grids.slice(0, 1);
  return used.flatMap((grid) => orders.flatMap((lowerOrderFinal) => clamps.map((clamp) => ({ grid, lowerOrderFinal, clamp }))));
}
