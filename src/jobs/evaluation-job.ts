import * as path from 'node:path';
import type { GridKind } from '../core/grid';
import { SAMPLERS, STUDENT_SAMPLER, type SamplerName } from '../diffusion/samplers/names';
import { METRICS } from '../metrics/metrics';
import { noiseFloor } from '../metrics/noise-floor';
import type { EvaluationRow } from '../store/evaluation-row';
import type { EvaluationSection } from './config';
import type { JobContext, JobResult } from './context';
import { loadModel } from './model';
import { runTasks } from './run-tasks';
import { setupOf, type Common } from './setup';
import { evaluationSeed, followsPath, readSamples, sampleTasks, type SamplingChoice } from './simulate';

export interface EvaluationJobConfig extends Common {
  readonly evaluation: EvaluationSection;
}

/** What is measured: a sampler with one of its settings, under every seed. */
interface Contestant {
  readonly choice: Omit<SamplingChoice, 'seed'>;
  readonly nfe: number;
  readonly depth: number | null;
}

/**
 * Compares samplers with the 1000-step teacher. Parents: the teacher, then the students. A set drawn under one seed is compared with the teacher's under
 * the next one, so that sharing noise flatters nobody; the floor is the teacher against itself in the same way, over all pairs of seeds. The pathwise error
 * is measured on the same seed, which is the same path. Solvers are run on every grid and setting.
 */
export async function evaluationJob(context: JobContext): Promise<JobResult> {
  const { evaluation, seed } = context.manifest.config as unknown as EvaluationJobConfig;
  const runsDir = path.dirname(context.dir);
  const [teacherId, ...students] = context.manifest.parents as [string, ...string[]];
  const teacher = loadModel(runsDir, teacherId, 'ema');
  const { dataset, fine } = setupOf(teacher.config);
  const image = dataset.itemShape.length > 1;
  const reference = { model: teacherId, weights: 'ema', sampler: 'ddpm', steps: fine.steps, grid: 'quad', lowerOrderFinal: true, clamp: false, brownian: 'shared' } as const;
  const contestants = contestantsOf(evaluation, teacherId, students, runsDir, image);
  const seeds = Array.from({ length: evaluation.seeds }, (_, k) => evaluationSeed(seed, k));
  const choices = [reference, ...contestants.map((c) => c.choice)].flatMap((choice) => seeds.map((s): SamplingChoice => ({ ...choice, seed: s })));
  const tasks = choices.flatMap((choice) => sampleTasks(runsDir, choice, evaluation.count, dataset.itemShape));
  const result = await runTasks(context, tasks, 'sampling');
  if (result === 'stopped') return result;

  const size = dataset.itemShape.reduce((a, b) => a * b, 1);
  const n = evaluation.count;
  const read = (choice: Omit<SamplingChoice, 'seed'>, k: number) => readSamples(runsDir, { ...choice, seed: seeds[k % seeds.length]! }, n);
  const references = seeds.map((_, k) => read(reference, k));
  const rowOf = (c: Contestant, k: number, metric: string, value: number, floor: EvaluationRow['floor'], seconds: number): EvaluationRow => ({
    run: c.choice.model, sampler: c.choice.sampler, steps: c.choice.steps, nfe: c.nfe, n, seed: seeds[k]!, metric, value, floor, seconds,
    grid: c.choice.grid, settings: { lowerOrderFinal: c.choice.lowerOrderFinal, clamp: c.choice.clamp }, depth: c.depth, weights: 'ema', units: 'model', reference: `${teacherId} ddpm@${fine.steps}`,
  });

  const distances = evaluation.metrics.filter((name) => name !== 'pathwise-rmse');
  const floors = new Map(distances.map((name) => [name, noiseFloor(references.map((r) => r.samples), (a, b) => METRICS[name].compute(a, b, size, seed))]));
  const teacherContestant: Contestant = { choice: reference, nfe: fine.steps, depth: null };
  let done = 0;
  for (const contestant of [teacherContestant, ...contestants]) {
    for (const [k] of seeds.entries()) {
      if (context.interrupted()) return 'stopped';
      const { samples, seconds } = contestant === teacherContestant ? references[k]! : read(contestant.choice, k);
      const other = references[(k + 1) % seeds.length]!.samples;
      for (const name of distances) {
        context.events.append({ type: 'eval', row: rowOf(contestant, k, name, METRICS[name].compute(samples, other, size, seed), floors.get(name)!, seconds) });
      }
      if (evaluation.metrics.includes('pathwise-rmse') && contestant !== teacherContestant && followsPath(contestant.choice.sampler)) {
        const paths = Math.min(evaluation.pathwiseCount ?? n, n) * size;
        const value = METRICS['pathwise-rmse'].compute(samples.subarray(0, paths), references[k]!.samples.subarray(0, paths));
        context.events.append({ type: 'eval', row: rowOf(contestant, k, 'pathwise-rmse', value, null, seconds) });
      }
    }
    context.events.append({ type: 'progress', step: ++done, steps: contestants.length + 1, phase: 'metrics' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return 'done';
}

function contestantsOf(evaluation: EvaluationSection, teacherId: string, students: readonly string[], runsDir: string, image: boolean): Contestant[] {
  const common = { weights: 'ema', brownian: 'shared' } as const;
  const solvers = evaluation.samplers.filter((name) => name !== STUDENT_SAMPLER);
  const contestants: Contestant[] = [];
  for (const steps of evaluation.steps) {
    for (const sampler of solvers) {
      for (const { grid, lowerOrderFinal, clamp } of settingsOf(sampler, evaluation.grids, steps, image)) {
        contestants.push({ choice: { ...common, model: teacherId, sampler, steps, grid, lowerOrderFinal, clamp }, nfe: steps * SAMPLERS[sampler].evaluationsPerStep, depth: null });
      }
    }
  }
  if (evaluation.samplers.includes(STUDENT_SAMPLER)) {
    for (const id of students) {
      const { config, model } = loadModel(runsDir, id, 'ema').student!;
      for (const steps of [config.student.steps].flat()) {
        contestants.push({
          choice: { ...common, model: id, sampler: STUDENT_SAMPLER, steps, grid: config.student.grid, lowerOrderFinal: true, clamp: false },
          nfe: steps * model.evaluationsPerStep,
          depth: config.student.depth,
        });
      }
    }
  }
  return contestants;
}

/** Every setting of a solver that a fair comparison tries. One step is the same on all grids and of first order. */
function settingsOf(sampler: SamplerName, grids: readonly GridKind[], steps: number, image: boolean): { grid: GridKind; lowerOrderFinal: boolean; clamp: boolean }[] {
  const { settings } = SAMPLERS[sampler];
  const orders = settings.includes('lowerOrderFinal') && steps > 1 ? [true, false] : [true];
  const clamps = settings.includes('clamp') && image ? [false, true] : [false];
  const used = steps > 1 ? grids : grids.slice(0, 1);
  return used.flatMap((grid) => orders.flatMap((lowerOrderFinal) => clamps.map((clamp) => ({ grid, lowerOrderFinal, clamp }))));
}

