/** Runs what is missing of an experiment: teacher, paths, students, evaluation. */
import type { SigdegError } from '../core/errors';
import type { Experiment } from '../jobs/config';
import { planExperiment } from '../jobs/plan';
import type { RunEvent } from '../store/events';
import type { RunKind } from '../store/run';
import { ensureRun, type EnsuredRun } from './ensure';
import type { LaunchOptions } from './local';
import { joinRun, runToEnd, type WatchOptions } from './run-to-end';

export interface DistillOptions extends Omit<WatchOptions, 'onEvent'> {
  readonly experiment: Experiment;
  /** Where relative paths of the experiment start. */
  readonly baseDir: string;
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
  /** Why the last of them did not; absent when all are done. */
  readonly error?: SigdegError;
  readonly stopped: boolean;
  /** The failed process's stderr. */
  readonly stderr: string;
}

/** Goes through the plan in order and stops at the first run that fails or is stopped. The same call again goes on from there. */
export async function distill(options: DistillOptions): Promise<DistillResult> {
  const { experiment, baseDir, runsDir, launch, onRun, onEvent, stop, kill } = options;
  const plan = planExperiment(experiment, baseDir);
  const ids = new Map<string, string>();
  const runs: (DistillRun & { state: string })[] = [];
  for (const [index, planned] of plan.entries()) {
    const parents = planned.parents.map((key) => ids.get(key)!);
    const { id, dir, action } = ensureRun(runsDir, planned, parents, { experiment: experiment.name, engine: launch.engine });
    ids.set(planned.key, id);
    const run: DistillRun = { id, kind: planned.kind, name: planned.name, dir };
    onRun?.(run, action, index, plan.length);
    if (action === 'reuse') {
      runs.push({ ...run, state: 'done' });
      continue;
    }
    if (stop?.aborted === true) return { runs, stopped: true, stderr: '' };
    const watching: WatchOptions = {
      ...(onEvent === undefined ? {} : { onEvent: (event) => onEvent(run, event) }),
      ...(stop === undefined ? {} : { stop }),
      ...(kill === undefined ? {} : { kill }),
    };
    const end = action === 'follow' ? await joinRun(dir, watching) : await runToEnd(dir, launch, watching);
    runs.push({ ...run, state: end.state });
    if (end.state !== 'done') return { runs, stopped: end.state === 'stopped', stderr: end.stderr, ...(end.error === undefined ? {} : { error: end.error }) };
  }
  return { runs, stopped: false, stderr: '' };
}
