/** Experiments small enough for a test, made of the bundled example. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT } from './provision/places';

export const EXAMPLE = path.join('media', 'examples', '8-gaussians.sigdeg.json');

interface Example {
  dataset: unknown;
  teacher: { training: { steps: number; batch: number } };
  paths: { count: number };
  students: { steps: number; depth: number; training: { steps: number; batch: number } }[];
  evaluation: { count: number; seeds: number; steps: number[] };
}

export interface Budget {
  readonly teacherSteps: number;
  readonly studentSteps: number;
  /** Paths, and samples of the evaluation. */
  readonly count: number;
}

/** Eight gaussians with two students of 5 steps, depth 1 and 3. */
export function writeExperiment(file: string, { teacherSteps, studentSteps, count }: Budget): string {
  const experiment = JSON.parse(fs.readFileSync(path.join(ROOT, EXAMPLE), 'utf8')) as Example;
  Object.assign(experiment.teacher.training, { steps: teacherSteps, batch: 128 });
  experiment.paths.count = count;
  for (const { training } of experiment.students) Object.assign(training, { steps: studentSteps, batch: 128 });
  Object.assign(experiment.evaluation, { count, seeds: 3 });
  fs.writeFileSync(file, `${JSON.stringify(experiment, null, 2)}\n`);
  return file;
}
