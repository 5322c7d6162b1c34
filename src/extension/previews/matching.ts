/** Which runs a file's sections stand for. */
import * as path from 'node:path';
import { SigdegError } from '../../core/errors';
import type { PlannedRun } from '../../jobs/context';
import { planExperiment } from '../../jobs/plan';
import { resolveExperiment } from '../../jobs/resolve-experiment';
import type { RunKind, RunState, RunSummary } from '../../store/run';
import type { ExperimentText } from './experiment-text';

export interface MatchedRun {
  readonly run: RunSummary;
  /** Whether a job would use this run: its config and its parents are what the file says now. A file with problems says nothing, so nothing is held against it. */
  readonly current: boolean;
}

export interface MatchedStudent {
  /** As in the file: `5-steps-depth-3`. */
  readonly name: string;
  readonly matched: MatchedRun | undefined;
  /** The newest evaluation that measured this run. */
  readonly evaluation: RunSummary | undefined;
  /** Runs of `sigdeg sample` on it, newest first. */
  readonly samples: readonly RunSummary[];
}

export interface MatchedRuns {
  readonly teacher: MatchedRun | undefined;
  readonly paths: MatchedRun | undefined;
  /** By section of the file, then by student within a sweep. */
  readonly students: readonly (readonly MatchedStudent[])[];
  readonly evaluation: MatchedRun | undefined;
}

const ACTIVE: readonly RunState[] = ['queued', 'running', 'paused'];

/** What the file asks for; nothing while it is wrong or names a teacher that is not there. */
function planned({ experiment, file }: ExperimentText, runs: readonly RunSummary[]): PlannedRun[] {
  try {
    return experiment === undefined ? [] : planExperiment(resolveExperiment(experiment, () => runs), path.dirname(file));
  } catch (error) {
    if (error instanceof SigdegError) return [];
    throw error;
  }
}

/** @param runs newest first, as the index gives them */
export function matchRuns(file: ExperimentText, runs: readonly RunSummary[]): MatchedRuns {
  const { name } = file;
  const plan = planned(file, runs);
  const own = runs.filter((run) => (run.experimentFile === null ? run.experiment === name : samePath(run.experimentFile, file.file)));

  /** Of planned runs the current ones, by key: those that a job would use again. */
  const current = new Map(plan.flatMap(({ key, existing }): [string, string][] => (existing === undefined ? [] : [[key, existing]])));
  const match = (kind: RunKind, runName: string, key: string): MatchedRun | undefined => {
    const planned = plan.find((one) => one.key === key);
    const parents = planned?.parents.map((parent) => current.get(parent));
    const exact = (run: RunSummary): boolean => (planned?.existing !== undefined ? run.id === planned.existing
      : run.kind === kind && run.configHash === planned?.configHash && parents?.length === run.parents.length && parents.every((id) => id !== undefined && run.parents.includes(id)));
    const newest = own.find((run) => run.kind === kind && run.name === runName);
    // A run of the same config and parents is used again, whoever made it, so it is this section's, too; but what is being made from this file comes first.
    const same = newest !== undefined && (exact(newest) || ACTIVE.includes(newest.state)) ? newest : (own.find(exact) ?? runs.find(exact));
    const run = same ?? newest;
    if (run !== undefined && exact(run)) current.set(key, run.id);
    return run && { run, current: planned === undefined || exact(run) };
  };

  // In the order of the plan, as a run is only current where its parents are.
  const teacher = match('teacher', name, 'teacher');
  const paths = match('paths', name, 'paths');
  let next = 0;
  const students = file.students.map(({ names }) => names.map((student): MatchedStudent => {
    const matched = match('student', `${name}-${student}`, `student-${next++}`);
    const id = matched?.run.id;
    const of = (kind: RunKind): RunSummary[] => (id === undefined ? [] : runs.filter((run) => run.kind === kind && run.parents.includes(id)));
    return { name: student, matched, evaluation: of('evaluation')[0], samples: of('samples') };
  }));
  return { teacher, paths, students, evaluation: match('evaluation', name, 'evaluation') };
}

/**
 * Whether a job of the file as it stands would come to this run and go on with it: not where the file says something else by now, and not where a run of the same
 * config and parents is done or at work, which a job prefers.
 */
export function goesOnWith(file: ExperimentText, runs: readonly RunSummary[], run: RunSummary): boolean {
  // Against a file that plans nothing nothing is held, but no job goes on with anything either.
  if (planned(file, runs).length === 0) return false;
  const { teacher, paths, students, evaluation } = matchRuns(file, runs);
  const mine = [teacher, paths, ...students.flat().map(({ matched }) => matched), evaluation].some((one) => one?.current === true && one.run.id === run.id);
  const alike = ({ kind, configHash, parents }: RunSummary): boolean => kind === run.kind && configHash === run.configHash && parents.length === run.parents.length && parents.every((id) => run.parents.includes(id));
  return mine && !runs.some((other) => other.id !== run.id && (other.state === 'done' || ACTIVE.includes(other.state)) && alike(other));
}

function samePath(a: string, b: string): boolean {
  const [left, right] = [path.normalize(a), path.normalize(b)];
  return process.platform === 'win32' ? left.toLowerCase() === right.toLowerCase() : left === right;
}
