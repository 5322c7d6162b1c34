/**
 * Trained models that come with the program, in `media/models`: for each dataset a teacher and students, each for some step counts, in half precision. Added to a runs folder they are
 * runs like any other: they can be sampled, evaluated, exported and distilled further.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { messageOf, SigdegError } from '../core/errors';
import { writeCheckpoint } from '../store/checkpoints';
import { EventWriter } from '../store/events';
import { hashBytes } from '../store/hash';
import { createRun, findRun, listRuns, readRun, type RunSummary } from '../store/run';
import { inTurn } from '../store/turn';
import { mediaPath } from './media-folder';
import { trainedSteps } from './trained-steps';

const TrainedSchema = z.object({
  /** As in the run that it was trained in. */
  config: z.record(z.string(), z.json()),
  seed: z.number(),
  /** Optimiser steps. */
  step: z.int(),
  engine: z.string(),
  versions: z.record(z.string(), z.string()),
});

export const ReadyModelSchema = z.object({
  format: z.literal(1),
  /** `MNIST`. */
  title: z.string(),
  teacher: TrainedSchema,
  /** Those for the fewest steps first. */
  students: z.array(TrainedSchema).min(1),
});

export type Trained = z.infer<typeof TrainedSchema>;

export interface ReadyModel extends z.infer<typeof ReadyModelSchema> {
  /** Its folder's name. */
  readonly name: string;
  readonly folder: string;
}

/** What ships, by name. @throws SigdegError BAD_FILE when one of them is damaged */
export function readyModels(): ReadyModel[] {
  const folder = mediaPath('models');
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).sort().flatMap((name) => {
    const file = path.join(folder, name, 'model.json');
    if (!fs.existsSync(file)) return [];
    try {
      return [{ ...ReadyModelSchema.parse(JSON.parse(fs.readFileSync(file, 'utf8'))), name, folder: path.dirname(file) }];
    } catch (cause) {
      throw new SigdegError('BAD_FILE', `${file}: expected the description of a model that ships with sigdeg (${messageOf(cause).split('\n')[0]!}): install sigdeg anew`, { cause });
    }
  });
}

/** The experiment that its runs are shown under. */
const experimentOf = (model: string): string => `${model}-ready`;
export const teacherNameOf = (model: string): string => `${model}-teacher`;
export const studentNameOf = (model: string, student: { readonly config: unknown }): string => `${model}-${studentFileOf(student)}`;
const namesOf = ({ name, students }: ReadyModel): string[] => [teacherNameOf(name), ...students.map((student) => studentNameOf(name, student))];
export const isReadyRun = ({ name, experiment }: Pick<RunSummary, 'name' | 'experiment'>): boolean =>
  readyModels().some((model) => experiment === experimentOf(model.name) && namesOf(model).includes(name));

/** What a student's file is called, without its ending: `student-5-20` for 5, 10 and 20 steps. */
export function studentFileOf({ config }: { readonly config: unknown }): string {
  const steps = trainedSteps(config);
  return ['student', ...new Set([Math.min(...steps), Math.max(...steps)])].join('-');
}

export interface ReadyRuns {
  readonly teacher: RunSummary;
  readonly students: RunSummary[];
}

/** Adds a model to a runs folder, or finds it there. @throws SigdegError BAD_FILE, NO_SPACE, NO_ACCESS */
export function addReadyModel(runsDir: string, model: ReadyModel): Promise<ReadyRuns> {
  return inTurn(runsDir, () => {
    const teacher = addTrained(runsDir, model, 'teacher', model.teacher, 'teacher', []);
    return { teacher, students: model.students.map((student) => addTrained(runsDir, model, 'student', student, studentFileOf(student), [teacher.id])) };
  });
}

function addTrained(runsDir: string, model: ReadyModel, kind: 'teacher' | 'student', { config, seed, step, engine, versions }: Trained, stem: string, parents: readonly string[]): RunSummary {
  const file = path.join(model.folder, `${stem}.safetensors`);
  let weights: Uint8Array;
  try {
    weights = fs.readFileSync(file);
  } catch (cause) {
    throw new SigdegError('BAD_FILE', `${file}: cannot be read (${messageOf(cause)}): install sigdeg anew`, { cause });
  }
  // Not the hash of the config: the same training, made here, is another run, since its weights are in single precision.
  const configHash = hashBytes(`ready model ${model.name} ${kind} ${hashBytes(weights)}`);
  const known = listRuns(runsDir).find((run) => run.kind === kind && run.configHash === configHash && run.state === 'done' && run.parents.join() === parents.join());
  if (known) return known;
  const { dir } = createRun(runsDir, {
    kind, name: `${model.name}-${stem}`, experiment: experimentOf(model.name), experimentFile: null,
    config: { ...config, baseDir: path.resolve(runsDir) }, configHash, seed, parents: [...parents], engine, versions,
  });
  writeCheckpoint(dir, step, { 'ema.safetensors': weights }, { step });
  const events = EventWriter.open(dir);
  try {
    events.append({ type: 'log', level: 'info', message: `${model.title} ${kind}, trained for ${step} steps; it came with sigdeg` });
    events.append({ type: 'progress', step, steps: step, phase: 'train' });
    events.append({ type: 'state', state: 'done' });
  } finally {
    events.close();
  }
  return readRun(dir);
}

/**
 * The run of a model that ships, by the model's name (then its student for these steps, by default that for the most) or by that of one of its runs; it is added
 * if need be.
 */
export async function readyRun(runsDir: string, ref: string, steps?: number): Promise<RunSummary | undefined> {
  const model = readyModels().find((one) => ref === one.name || namesOf(one).includes(ref));
  if (model === undefined) return undefined;
  const { teacher, students } = await addReadyModel(runsDir, model);
  return [teacher, ...students].find(({ name }) => name === ref) ?? students.find(isFor(steps)) ?? students.at(-1);
}

/**
 * As `findRun`; a model that ships and was not added yet is.
 * @param steps of several students of one name the one that was trained for so many is taken. @throws SigdegError NOT_FOUND
 */
export async function findModel(runsDir: string, ref: string, steps?: number): Promise<RunSummary> {
  try {
    return findRun(runsDir, ref, isFor(steps));
  } catch (error) {
    const ready = error instanceof SigdegError && error.code === 'NOT_FOUND' ? await readyRun(runsDir, ref, steps) : undefined;
    if (ready) return ready;
    throw error;
  }
}

const isFor = (steps: number | undefined) => ({ config }: RunSummary): boolean => steps !== undefined && trainedSteps(config).includes(steps);
