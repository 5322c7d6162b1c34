/**
 * Trained models that come with the program, in `media/models`: a teacher and a student for each dataset, in half precision. Added to a runs folder they are
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

const ROLES = ['teacher', 'student'] as const;
type Role = (typeof ROLES)[number];

const RoleSchema = z.object({
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
  teacher: RoleSchema,
  student: RoleSchema,
});

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
export const isReadyRun = ({ name, experiment }: Pick<RunSummary, 'name' | 'experiment'>): boolean =>
  readyModels().some((model) => experiment === experimentOf(model.name) && ROLES.some((role) => name === runNameOf(model.name, role)));
export const runNameOf = (model: string, role: Role): string => `${model}-${role}`;

/** Adds a model to a runs folder, or finds it there. @throws SigdegError BAD_FILE, NO_SPACE, NO_ACCESS */
export function addReadyModel(runsDir: string, model: ReadyModel): Promise<Record<Role, RunSummary>> {
  return inTurn(runsDir, () => {
    const teacher = addRole(runsDir, model, 'teacher', []);
    return { teacher, student: addRole(runsDir, model, 'student', [teacher.id]) };
  });
}

function addRole(runsDir: string, model: ReadyModel, role: Role, parents: readonly string[]): RunSummary {
  const file = path.join(model.folder, `${role}.safetensors`);
  let weights: Uint8Array;
  try {
    weights = fs.readFileSync(file);
  } catch (cause) {
    throw new SigdegError('BAD_FILE', `${file}: cannot be read (${messageOf(cause)}): install sigdeg anew`, { cause });
  }
  const { config, seed, step, engine, versions } = model[role];
  // Not the hash of the config: the same training, made here, is another run, since its weights are in single precision.
  const configHash = hashBytes(`ready model ${model.name} ${role} ${hashBytes(weights)}`);
  const known = listRuns(runsDir).find((run) => run.kind === role && run.configHash === configHash && run.state === 'done' && run.parents.join() === parents.join());
  if (known) return known;
  const { dir } = createRun(runsDir, {
    kind: role, name: runNameOf(model.name, role), experiment: experimentOf(model.name), experimentFile: null,
    config: { ...config, baseDir: path.resolve(runsDir) }, configHash, seed, parents: [...parents], engine, versions,
  });
  writeCheckpoint(dir, step, { 'ema.safetensors': weights }, { step });
  const events = EventWriter.open(dir);
  try {
    events.append({ type: 'log', level: 'info', message: `${model.title} ${role}, trained for ${step} steps; it came with sigdeg` });
    events.append({ type: 'progress', step, steps: step, phase: 'train' });
    events.append({ type: 'state', state: 'done' });
  } finally {
    events.close();
  }
  return readRun(dir);
}

/** The run of a model that ships, by the model's name (then its student) or that of one of its runs; it is added if need be. */
export async function readyRun(runsDir: string, ref: string): Promise<RunSummary | undefined> {
  for (const model of readyModels()) {
    const role = ref === model.name ? 'student' : ROLES.find((one) => ref === runNameOf(model.name, one));
    if (role !== undefined) return (await addReadyModel(runsDir, model))[role];
  }
  return undefined;
}

/** As `findRun`; a model that ships and was not added yet is. @throws SigdegError NOT_FOUND */
export async function findModel(runsDir: string, ref: string): Promise<RunSummary> {
  try {
    return findRun(runsDir, ref);
  } catch (error) {
    const ready = error instanceof SigdegError && error.code === 'NOT_FOUND' ? await readyRun(runsDir, ref) : undefined;
    if (ready) return ready;
    throw error;
  }
}
