/** Runs what is missing of an experiment: teacher, paths, students, evaluation. */
import type { SigdegError } from '../core/errors';
import type { Experiment } from '../jobs/config';
import type { PlannedRun } from '../jobs/context';
import { checkPresence } from '../jobs/experiment-file';
import { planExperiment } from '../jobs/plan';
import { resolveExperimentIn } from '../jobs/resolve-experiment';
import type { RunEvent } from '../store/events';
import type { RunKind } from '../store/run';
import { ensureRun, type EnsuredRun } from './ensure';
import type { LaunchOptions } from './local';
import { joinRun, runToEnd, type RunEnd, type WatchOptions } from './run-to-end';

export interface DistillOptions extends Omit<WatchOptions, 'onEvent'> {
  readonly experiment: Experiment;
  /** Where relative paths of the experiment start. */
  readonly baseDir: string;
  /** The experiment's file, absolute; null where there is none. */
  readonly file: string | null;
  readonly runsDir: string;
  readonly launch: LaunchOptions;
  /** Before each run, also those that are there already. `index` of `total`. */
  readonly onRun?: (run: DistillRun, action: EnsuredRun['action'], index: number, total: number) => void;
  readonly onEvent?: (run: DistillRun, event: RunEvent) => void;
}

export interface DistillRun {
  readonly id: string;
  readonly kind: RunKind;
  readonly name: string;
  readonly dir: string;
}

export interface DistillResult {
  /** Runs up to and including the first that did not end well. */
  readonly runs: readonly (DistillRun & { state: string })[];
  /** Why one of them did not; absent when all are done. */
  readonly error?: SigdegError;
  readonly stopped: boolean;
  /** The failed process's stderr. */
  readonly stderr: string;
}

type EndedRun = DistillResult['runs'][number] & { end?: RunEnd };

/**
 * Goes through the plan in order and stops at the first run that fails or is stopped. The same call again goes on from there. Students do not depend on one
 * another and their training keeps about one core busy, so as many of them as the job may use processes go side by side.
 */
export async function distill(options: DistillOptions): Promise<DistillResult> {
  const { experiment, baseDir, file, runsDir, launch, onRun, onEvent, stop, kill } = options;
  const plan = planExperiment(await resolveExperimentIn(runsDir, experiment), baseDir);
  const ids = new Map<string, string>();

  const execute = async (planned: PlannedRun, processes: number): Promise<EndedRun | undefined> => {
    const parents = planned.parents.map((key) => ids.get(key)!);
    const { id, dir, action } = await ensureRun(runsDir, planned, parents, { experiment: experiment.name, experimentFile: file, engine: launch.engine }, () => { checkPresence(experiment, baseDir); });
    ids.set(planned.key, id);
    const run: DistillRun = { id, kind: planned.kind, name: planned.name, dir };
    onRun?.(run, action, plan.indexOf(planned), plan.length);
    if (action === 'reuse') return { ...run, state: 'done' };
    if (stop?.aborted === true) return undefined;
    const watching: WatchOptions = {
      ...(onEvent === undefined ? {} : { onEvent: (event) => { onEvent(run, event); } }),
      ...(stop === undefined ? {} : { stop }),
      ...(kill === undefined ? {} : { kill }),
    };
    const end = action === 'follow' ? await joinRun(dir, watching) : await runToEnd(dir, { ...launch, processes }, watching);
    return { ...run, state: end.state, end };
  };

  const runs: EndedRun[] = [];
  for (const group of groupsOf(plan)) {
    const lanes = Math.min(launch.processes, group.length);
    const ended = await sideBySide(group.map((planned) => () => execute(planned, Math.floor(launch.processes / lanes))), lanes, (run) => run?.state === 'done');
    runs.push(...ended.filter((run) => run !== undefined));
    if (ended.length === group.length && ended.every((run) => run?.state === 'done')) continue;
    const bad = ended.find((run) => run !== undefined && run.state !== 'done');
    return { runs, stopped: bad === undefined || bad.state === 'stopped', stderr: bad?.end?.stderr ?? '', ...(bad?.end?.error === undefined ? {} : { error: bad.end.error }) };
  }
  return { runs, stopped: false, stderr: '' };
}

/** The plan in stretches that may run side by side: neighbouring students, everything else alone. */
function groupsOf(plan: readonly PlannedRun[]): PlannedRun[][] {
  const groups: PlannedRun[][] = [];
  for (const planned of plan) {
    const last = groups.at(-1);
    if (planned.kind === 'student' && last?.[0]?.kind === 'student') last.push(planned);
    else groups.push([planned]);
  }
  return groups;
}

/** Does jobs in order, `lanes` at a time. Starts no more after one that throws or is not `good`; those that run are waited for. */
async function sideBySide<T>(jobs: readonly (() => Promise<T>)[], lanes: number, good: (result: T) => boolean): Promise<T[]> {
  const results = new Map<number, T>();
  let next = 0;
  let over = false;
  const lane = async (): Promise<void> => {
    while (!over && next < jobs.length) {
      const i = next++;
      try {
        const result = await jobs[i]!();
        results.set(i, result);
        if (!good(result)) over = true;
      } catch (error) {
        over = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const thrown = ended.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (thrown) throw thrown.reason;
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
