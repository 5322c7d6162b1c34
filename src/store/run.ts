import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { SigdegError } from '../core/errors';
import { nearest } from '../core/nearest';
import { dropQuietly, remove } from '../system/files';
import { atomicWrite, makeFolder } from './atomic';
import { diskError } from './disk-error';
import type { JsonValue } from './hash';
import { RunId } from './inside';
import { isOwned } from './lease';
import { RunStatusReader, type RunState, type RunStatus } from './run-status';

export type { JsonValue } from './hash';
export type { RunState } from './run-status';

/** Version of the folder's layout. A newer one is refused, never guessed at. */
export const RUN_FORMAT = 1;
/** An evaluation's page, in its run's folder. */
export const REPORT_FILE = 'report.html';
export const RUN_KINDS = ['teacher', 'paths', 'student', 'evaluation', 'samples'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

const ManifestSchema = z.object({
  format: z.number(),
  id: RunId,
  kind: z.enum(RUN_KINDS),
  name: z.string(),
  experiment: z.string().nullable(),
  /** The experiment's file, absolute: the same command on it goes on with what is missing. */
  experimentFile: z.string().nullable().default(null),
  created: z.string(),
  /** Whatever the file held is JSON: checking that again takes longer than reading it. */
  config: z.custom<JsonValue>((value) => value !== undefined),
  configHash: z.string(),
  seed: z.number(),
  parents: z.array(RunId),
  versions: z.record(z.string(), z.string()),
  engine: z.string(),
});

/** run.json: what the run is. Immutable. */
export type RunManifest = z.infer<typeof ManifestSchema>;

/** What the creator of a run says of it. */
export type RunSpec = Omit<RunManifest, 'format' | 'id' | 'created' | 'config'> & { config: JsonValue };

export interface RunSummary extends RunManifest, RunStatus {
  readonly dir: string;
}

/** Makes the folder of a new run; its id is `<time>-<kind>-<name>`, numbered where that is taken. */
export function createRun(runsDir: string, spec: RunSpec): { manifest: RunManifest; dir: string } {
  const now = new Date();
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const safe = spec.name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+|[.-]+$/g, '').slice(0, 60) || 'run';
  const base = `${stamp}-${spec.kind}-${safe}`;
  try {
    makeFolder(runsDir);
    for (let k = 1; ; k++) {
      const id = k === 1 ? base : `${base}-${k}`;
      const dir = path.join(runsDir, id);
      try {
        fs.mkdirSync(dir);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      const manifest: RunManifest = { format: RUN_FORMAT, id, created: now.toISOString(), ...spec };
      try {
        atomicWrite(path.join(dir, 'run.json'), `${JSON.stringify(manifest, null, 2)}\n`);
      } catch (error) {
        dropQuietly(dir);
        throw error;
      }
      return { manifest, dir };
    }
  } catch (error) {
    throw diskError(error, runsDir);
  }
}

/** The folder of a run that another run names. @throws SigdegError BAD_FILE for a name that leads elsewhere. */
export function runFolder(runsDir: string, id: string): string {
  if (!RunId.safeParse(id).success) throw new SigdegError('BAD_FILE', `expected the id of a run in ${runsDir}, found '${id}'`);
  return path.join(runsDir, id);
}

/** @throws SigdegError NOT_FOUND, NEWER_VERSION, BAD_FILE */
export function readManifest(dir: string): RunManifest {
  const file = path.join(dir, 'run.json');
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw diskError(error, file);
    throw new SigdegError('NOT_FOUND', `${dir} is no run (any more): it has no run.json`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SigdegError('BAD_FILE', `${file}: expected JSON; restore the file or delete the run's folder`);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > RUN_FORMAT) {
    throw new SigdegError('NEWER_VERSION', `${file}: written in format ${format}, this version reads up to ${RUN_FORMAT}: update sigdeg`);
  }
  const parsed = ManifestSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SigdegError('BAD_FILE', `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a run'}; restore the file or delete the run's folder`);
  }
  return parsed.data;
}

/** A run with its state, which is derived from the end of its events and its lease. */
export const readRun = (dir: string): RunSummary => runOf(dir, readManifest(dir), new RunStatusReader(dir).read());

/** The folder's name counts: it is what other runs and commands find a run by. */
export const runOf = (dir: string, manifest: RunManifest, status: RunStatus): RunSummary => ({ ...manifest, ...status, id: path.basename(path.resolve(dir)), dir });

export const runState = (dir: string): RunState => readRun(dir).state;

/**
 * All readable runs, newest first. Folders that are no runs are passed over; runs that cannot be read (damaged, of a newer version) are reported to `onBad`.
 * @throws SigdegError when the folder itself cannot be read
 */
export function listRuns(runsDir: string, onBad?: (error: SigdegError) => void): RunSummary[] {
  let names: string[];
  try {
    names = fs.readdirSync(runsDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw diskError(error, runsDir);
  }
  const runs = names.flatMap((name) => {
    try {
      return [readRun(path.join(runsDir, name))];
    } catch (error) {
      if (error instanceof SigdegError && error.code !== 'NOT_FOUND') onBad?.(error);
      return [];
    }
  });
  return runs.sort(newestFirst);
}

export const newestFirst = (a: RunSummary, b: RunSummary): number => (a.created === b.created ? (a.id < b.id ? 1 : -1) : a.created < b.created ? 1 : -1);

/**
 * The run that a user names: its folder, id or the beginning of one, an experiment's name (its newest finished student, else its newest run), or its own name (the
 * newest of several).
 * @param fits which of an experiment's students are wanted rather than the newest, where there are some
 * @throws SigdegError NOT_FOUND with the nearest ids
 */
export function findRun(runsDir: string, ref: string, fits: (student: RunSummary) => boolean = () => true): RunSummary {
  if (fs.existsSync(path.join(ref, 'run.json'))) return readRun(path.resolve(ref));
  const direct = path.join(runsDir, ref);
  if (path.dirname(path.resolve(direct)) === path.resolve(runsDir) && fs.existsSync(path.join(direct, 'run.json'))) return readRun(direct);
  const runs = listRuns(runsDir);
  const starting = runs.filter((run) => run.id.startsWith(ref));
  if (starting.length === 1) return starting[0]!;
  if (starting.length > 1) throw new SigdegError('NOT_FOUND', `«${ref}» begins ${starting.length} run ids (${starting.slice(0, 3).map((r) => r.id).join(', ')}…): give more of it`);
  const ofExperiment = runs.filter((run) => run.experiment === ref);
  const students = ofExperiment.filter((run) => run.kind === 'student' && run.state === 'done');
  const found = students.find(fits) ?? students[0] ?? ofExperiment[0] ?? runs.find((run) => run.name === ref);
  if (found) return found;
  const close = nearest(ref, [...new Set(runs.flatMap((run) => [run.id, run.name, ...(run.experiment === null ? [] : [run.experiment])]))]);
  throw new SigdegError('NOT_FOUND', `no run or experiment «${ref}» in ${runsDir}${close === undefined ? '' : `, did you mean «${close}»?`}: «sigdeg runs» lists them`);
}

/** Deletes a run's folder. @throws SigdegError RUN_BUSY while a process works on it. */
export function removeRun(dir: string): void {
  readManifest(dir);
  if (isOwned(dir)) throw new SigdegError('RUN_BUSY', `${path.basename(dir)} is running: stop it first (sigdeg stop ${path.basename(dir)})`);
  try {
    remove(dir);
  } catch (error) {
    throw diskError(error, dir);
  }
}
