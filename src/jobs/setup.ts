import * as path from 'node:path';
import { fineGrid, type TimeGrid } from '../core/grid';
import { createSchedule, type NoiseSchedule } from '../core/schedule';
import { loadDataset } from '../data/registry';
import type { Dataset } from '../data/dataset';
import type { Experiment, Paths, Student, Teacher } from './config';
import type { CoarseView } from '../diffusion/fine-paths';

/** What every run of an experiment shares. `baseDir` is where a relative `dataset.path` starts. */
export interface Common {
  readonly seed: number;
  readonly baseDir: string;
  readonly dataset: Experiment['dataset'];
  readonly schedule: Experiment['schedule'];
  readonly teacher: Teacher;
}

export interface PathsConfig extends Common {
  readonly paths: Paths;
  readonly views: CoarseView[];
}

export interface StudentConfig extends PathsConfig {
  readonly student: Student;
}

export interface Setup {
  readonly schedule: NoiseSchedule;
  readonly fine: TimeGrid;
  readonly dataset: Dataset;
}

let last: { key: string; setup: Setup } | undefined;

/** Opens what a config names; the last one is kept, since the tasks of a job share it. */
export function setupOf({ dataset, schedule, baseDir }: Common): Setup {
  const key = JSON.stringify([dataset, schedule, baseDir]);
  if (last?.key !== key) {
    const noise = createSchedule(schedule);
    const fine = fineGrid(noise, { steps: schedule.fineSteps, tMin: schedule.tMin });
    last = { key, setup: { schedule: noise, fine, dataset: loadDataset(dataset, baseDir) } };
  }
  return last.setup;
}

/** Items are always computed in chunks of this many, by index, so that shapes, and with them rounding, never depend on how many are wanted. */
export const chunkSize = (itemShape: readonly number[]): number => (itemShape.length === 1 ? 2048 : 64);

export const cacheDirOf = (runsDir: string): string => path.join(path.dirname(path.resolve(runsDir)), 'cache');
