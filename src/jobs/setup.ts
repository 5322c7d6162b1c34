import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { DiscreteScheduleConfig } from '../core/discrete-schedule';
import { fineGrid, gridAt, type TimeGrid } from '../core/grid';
import { createSchedule, type NoiseSchedule } from '../core/schedule';
import { BYTE_NORMALISATION } from '../data/idx-images';
import { noData, type NoDataConfig } from '../data/no-data';
import { loadDataset } from '../data/registry';
import type { Dataset } from '../data/dataset';
import type { DatasetSection, Paths, ScheduleSection, Student, Teacher } from './config';
import type { Prediction } from '../diffusion/predictions';
import type { CoarseView } from '../diffusion/fine-paths';
import type { OnnxNetConfig } from '../nets/onnx-names';
import type { Unet2dConfig } from '../nets/unet2d-config';

/** A teacher out of a diffusers folder. Its data went from −1 to 1. */
export interface DiffusersTeacher {
  readonly net: Unet2dConfig;
  readonly prediction: Prediction;
  /** x0 is held within ± this, as its own pipeline does. */
  readonly clip: number | null;
  readonly imported: {
    readonly format: 'diffusers';
    /** Where it was found, absolute. */
    readonly folder: string;
    readonly pipeline: string | null;
    readonly scheduler: string;
    readonly timestepSpacing: string;
    /** Files by their path in the folder, with SHA-256. */
    readonly weights: readonly { readonly file: string; readonly sha256: string }[];
  };
}

/** A teacher that is an ONNX file; its run keeps a copy. */
export interface OnnxTeacher {
  readonly net: OnnxNetConfig;
  readonly prediction: Prediction;
  readonly clip: number | null;
  readonly imported: {
    readonly format: 'onnx';
    /** Where it was found, absolute. */
    readonly file: string;
    readonly sha256: string;
  };
}

/** A teacher that was trained elsewhere. */
export type ImportedTeacher = DiffusersTeacher | OnnxTeacher;
export type TeacherConfig = Teacher | ImportedTeacher;
export const isOnnxTeacher = (teacher: TeacherConfig): teacher is OnnxTeacher => teacher.net.kind === 'onnx';
export const isImported = (teacher: TeacherConfig): teacher is ImportedTeacher => 'imported' in teacher;

/**
 * Whether a student may have a network of this kind: the teacher's, or beside an imported teacher one of its own that does not need that one's way to tell the time; an ONNX
 * file is told it from what every network hears.
 */
export const fitsTeacher = (kind: TeacherConfig['net']['kind'], start: Student['start'], teacher: TeacherConfig): boolean =>
  kind === teacher.net.kind || isOnnxTeacher(teacher) || (isImported(teacher) && kind === 'unet' && start === 'scratch');

/** What every run of an experiment shares. `baseDir` is where a relative `dataset.path` starts. */
export interface Common {
  readonly seed: number;
  readonly baseDir: string;
  readonly dataset: DatasetSection | NoDataConfig;
  readonly schedule: ScheduleSection | DiscreteScheduleConfig;
  readonly teacher: TeacherConfig;
}

/** What a run is trained by, where it is trained here. */
export type TrainedConfig = Common & { readonly teacher: Teacher; readonly schedule: ScheduleSection };

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

/** Opens what a config names; the last one is kept, since the tasks of a job share it. @throws SigdegError UNSUPPORTED, and what its dataset throws */
export function setupOf({ dataset, schedule, baseDir, teacher }: Common): Setup {
  const key = JSON.stringify([dataset, schedule, baseDir, isImported(teacher)]);
  if (last?.key !== key) {
    const noise = createSchedule(schedule);
    const opened = dataset.name === 'none' ? noData(dataset) : loadDataset(dataset, baseDir);
    if (isImported(teacher)) checkUnits(opened);
    last = { key, setup: { schedule: noise, fine: fineGridOf(schedule, noise), dataset: opened } };
  }
  return last.setup;
}

/** An imported teacher knows its data in its own units only. */
function checkUnits({ name, normalisation: { offset, scale } }: Dataset): void {
  if (name === 'none' || (offset === BYTE_NORMALISATION.offset && scale === BYTE_NORMALISATION.scale)) return;
  throw new SigdegError('UNSUPPORTED', `dataset: an imported teacher expects bytes of images (0 … 255, which become −1 … 1), found numbers with mean ${offset} and standard deviation ${scale}: save the array as uint8`);
}

/** The fine grid: of a discrete schedule its training steps themselves. */
export const fineGridOf = (schedule: Common['schedule'], noise = createSchedule(schedule)): TimeGrid =>
  schedule.name === 'discrete' ? gridAt(noise, noise.nodes!) : fineGrid(noise, { steps: schedule.fineSteps, tMin: tMinOf(schedule, noise) });

/** Where time ends on the way to the data. */
export const tMinOf = (schedule: Common['schedule'], noise: NoiseSchedule): number => (schedule.name === 'discrete' ? noise.nodes!.at(-1)! : noise.tMin ?? schedule.tMin);

/** Steps of the fine grid; of a discrete schedule the ways between its training steps. */
export const fineStepsOf = (schedule: Common['schedule']): number => (schedule.name === 'discrete' ? schedule.trainSteps - 1 : schedule.fineSteps);

/** Items are always computed in chunks of this many, by index, so that shapes, and with them rounding, never depend on how many are wanted. */
export const chunkSize = (itemShape: readonly number[]): number => (itemShape.length === 1 ? 2048 : 64);

export const cacheDirOf = (runsDir: string): string => path.join(path.dirname(path.resolve(runsDir)), 'cache');
