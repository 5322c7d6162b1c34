/** Writes experiment files: for data, for a teacher that is there, and with other step counts. Values are plain JSON, as they stand in the file. */
import * as path from 'node:path';
import { explodes, type ScheduleConfig } from '../core/schedule';
import { sizeOf } from '../core/shape';
import { describeData } from '../data/describe';
import { STARTING_PREDICTIONS, type Prediction } from '../diffusion/predictions';

export type Json = Record<string, unknown>;

/** Fields that a step count takes the place of. */
type StudentJson = Json & { readonly steps?: number | readonly number[]; readonly sweep?: unknown };

const FEWER_STEPS_DEEPER = [[2, 6], [Infinity, 3]] as const;
/** Better than the defaults for images where the variance is preserved, or nearly (see `GRID_KINDS`, and what is measured at `stepWeights`). */
const IMAGE_STUDENT = { grid: 'uniform-alpha', weighting: 'early' } as const;
/** Up to here a vector is a point rather than a picture. */
const POINT = 16;

/**
 * An experiment for data of whatever shape: a small net, and budgets that a laptop trains in minutes (points) or an hour or two (images).
 * @throws SigdegError NO_DATA, BAD_FILE
 */
export function experimentForData(data: string, folder: string): Json {
  const { dataset, count, itemShape } = describeData(data);
  const [height = 1, width = 1] = itemShape;
  const image = itemShape.length === 3;
  const size = sizeOf(itemShape);
  const net = image ? unetFor(height, width) : { kind: 'mlp', width: size <= POINT ? 128 : 512, blocks: size <= POINT ? 3 : 4 };
  const convolves = net.kind === 'unet';
  const batch = convolves ? 64 : 512;
  return {
    seed: 0,
    dataset: { name: dataset, path: relativePath(folder, data) },
    teacher: { net, training: convolves ? { steps: 8000, batch, learningRate: 0.0015, warmup: 200, ema: 0.999 } : { steps: 6000, batch, learningRate: 0.003, ema: 0.999 } },
    // Whole paths of 1000 steps through a U-Net would take hours.
    paths: convolves ? { kind: 'local', count: 16000, subSteps: 16 } : { count: size <= POINT ? 32768 : 8192 },
    students: [{ steps: 5, depth: 3, ...(convolves ? IMAGE_STUDENT : {}), training: { steps: convolves ? 2500 : 4000, batch, learningRate: convolves ? 0.001 : 0.003, ema: 0.998 } }],
    evaluation: { count: Math.max(64, Math.min(convolves ? 256 : 8192, count)), seeds: 3, steps: [5] },
  };
}

/** A U-Net halves the sides of what it is given: as far as they allow; odd sides get a plain net. */
function unetFor(height: number, width: number): Json & { kind: string } {
  const divides = (n: number): boolean => height % n === 0 && width % n === 0;
  if (divides(4)) return { kind: 'unet', channels: [32, 64], blocks: 1, patch: 2 };
  if (divides(2)) return { kind: 'unet', channels: [32, 64], blocks: 1, patch: 1 };
  return { kind: 'unet', channels: [32], blocks: 1, patch: 1 };
}

/** An experiment that begins with this teacher run, and so uses that one again. */
export function experimentForTeacher({ ref, config, ready }: { readonly ref: string; readonly config: Json; readonly ready: boolean }, folder: string): Json {
  if (Object.hasOwn(config['teacher'] as Json, 'imported')) return experimentForImported(ref, (config['dataset'] as Json)['name'] !== 'none');
  const { seed, baseDir, dataset, schedule, teacher } = config as { seed: number; baseDir: string; dataset: Json & { path?: string }; schedule: Json & { name: ScheduleConfig['name']; fineSteps: number }; teacher: Json & { net: { kind: string }; classes?: boolean; prediction?: Prediction; training: Json } };
  const convolves = teacher.net.kind === 'unet';
  const { batch, learningRate } = teacher.training;
  return {
    seed,
    // One that ships is not trained again.
    ...(ready ? { teacher: { from: ref } } : { dataset: movedData(dataset, baseDir, folder), schedule, teacher }),
    // Pairs teach no guidance; short whole paths of about as many evaluations do.
    paths: !convolves ? { count: 20000 } : teacher.classes === true ? { count: 5000, steps: Math.min(50, schedule.fineSteps) } : { kind: 'local', count: 16000, subSteps: 16 },
    students: [{ steps: 5, depth: 3, ...(convolves && !explodes(schedule.name) ? IMAGE_STUDENT : {}), ...(teacher.prediction === undefined || STARTING_PREDICTIONS.includes(teacher.prediction) ? {} : { start: 'scratch' }), training: { steps: convolves ? 2500 : 4000, batch, learningRate, ema: 0.998 } }],
    evaluation: { count: convolves ? 256 : 8192, seeds: 3, steps: [5] },
  };
}

/** A teacher that was trained elsewhere is there under its id only. Networks of its kind are large: small budgets to begin with. */
function experimentForImported(ref: string, hasData: boolean): Json {
  return {
    seed: 0,
    teacher: { from: ref },
    paths: hasData ? { kind: 'local', count: 4096, subSteps: 16 } : { count: 512 },
    students: [{ steps: 5, depth: 3, training: { steps: 1000, batch: 32, learningRate: 0.0003, ema: 0.995 } }],
    evaluation: { count: 64, seeds: 3, steps: [5] },
  };
}

/** The step counts that an experiment's students have, ascending. Sweeps count, too. */
export function stepCounts(experiment: unknown): number[] {
  const counts = studentsOf(experiment).flatMap(({ steps, sweep }) => [steps, (sweep as { steps?: unknown } | undefined)?.steps].flat(3)).filter((n) => typeof n === 'number');
  return [...new Set(counts)].sort((a, b) => a - b);
}

/** The same experiment with one student for each of these step counts: those that are there stay as they are, others are made like the first. */
export function withSteps(experiment: Json, steps: readonly number[]): Json {
  const students = studentsOf(experiment);
  const { name: _, sweep: __, ...template } = students[0] ?? {};
  const kept = steps.flatMap((count) => {
    const same = students.filter((student) => student.steps === count);
    return same.length > 0 ? same : [{ ...template, steps: count, depth: FEWER_STEPS_DEEPER.find(([most]) => count <= most)![1] }];
  });
  const evaluation = typeof experiment['evaluation'] === 'object' ? (experiment['evaluation'] as Json) : {};
  return { ...experiment, students: kept, evaluation: { ...evaluation, steps: [...steps] } };
}

/** The same experiment for another folder, with another name: its data are where they were. */
export function movedExperiment(experiment: Json, from: string, to: string): Json {
  const { name: _, dataset, ...rest } = experiment;
  const { $schema, seed, ...others } = rest;
  const first = { ...($schema === undefined ? {} : { $schema }), ...(seed === undefined ? {} : { seed }) };
  return { ...first, ...(typeof dataset === 'object' && dataset !== null ? { dataset: movedData(dataset as Json, from, to) } : {}), ...others };
}

/** As people write it: short lists and objects on one line. */
export function experimentText(experiment: Json): string {
  return `${JSON.stringify(experiment, null, 2).replace(/\[[^[\]{}]*\]|\{[^[\]{}]*\}/g, (inner) => {
    const line = inner.replace(/\s*\n\s*/g, ' ');
    return line.length <= 120 ? line : inner;
  })}\n`;
}

function studentsOf(experiment: unknown): StudentJson[] {
  const students = (experiment as { students?: unknown } | null)?.students;
  return Array.isArray(students) ? students.filter((student): student is StudentJson => typeof student === 'object' && student !== null) : [];
}

function movedData(dataset: Json & { path?: unknown }, from: string, to: string): Json {
  return typeof dataset.path === 'string' ? { ...dataset, path: relativePath(to, path.resolve(from, dataset.path)) } : dataset;
}

/** A path as an experiment in a folder has it: with slashes, and absolute where it leads elsewhere. */
export function relativePath(folder: string, target: string): string {
  const relative = path.relative(folder, target) || '.';
  return relative.startsWith('..') || path.isAbsolute(relative) ? target : relative.replaceAll('\\', '/');
}
