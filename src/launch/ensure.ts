/** Finds or makes the folder of a planned run. */
import type { PlannedRun } from '../jobs/context';
import { isNewestSound } from '../store/checkpoints';
import { createRun, listRuns, readRun, runFolder, type RunSummary } from '../store/run';
import { inTurn } from '../store/turn';
import { versions } from './versions';

export interface EnsuredRun {
  readonly id: string;
  readonly dir: string;
  /** reuse: finished already; follow: another process works on it; resume: begun, or never started; create: the folder is new. */
  readonly action: 'reuse' | 'follow' | 'resume' | 'create';
}

/** What a new run's manifest says besides the plan. */
export interface RunOrigin {
  /** The experiment that asks for it; null for a run made by hand. */
  readonly experiment: string | null;
  readonly experimentFile: string | null;
  /** The engine that was asked for. */
  readonly engine: string;
}

/**
 * A run of the same kind, config and parents is used again: best a finished one, then one that runs, then the newest of the others, which is resumed. Runs of
 * other parents are not: those may have been made from other weights. Of several processes that ask at once, one makes the run and the others find it.
 * @param mayWork called before anything that is to be computed; throws what stands against it, and then no run is made
 */
export async function ensureRun(runsDir: string, planned: PlannedRun, parentIds: readonly string[], origin: RunOrigin, mayWork: () => void = () => undefined): Promise<EnsuredRun> {
  if (planned.existing !== undefined) {
    const run = readRun(runFolder(runsDir, planned.existing));
    return { id: run.id, dir: run.dir, action: actionFor(run) };
  }
  const make = (): EnsuredRun => {
    const { kind, name, config, configHash, seed } = planned;
    const { manifest, dir } = createRun(runsDir, { kind, name, config, configHash, seed, parents: [...parentIds], ...origin, versions: versions() });
    return { id: manifest.id, dir, action: 'create' };
  };
  // Without a turn first: what is there needs none, and can be used where nothing may be written.
  const found = existing(runsDir, planned, parentIds);
  if (found === undefined || found.action === 'resume') mayWork();
  return found ?? inTurn(runsDir, () => existing(runsDir, planned, parentIds) ?? make());
}

function existing(runsDir: string, planned: PlannedRun, parentIds: readonly string[]): EnsuredRun | undefined {
  const same = listRuns(runsDir)
    .filter((run) => run.kind === planned.kind && run.configHash === planned.configHash && sameIds(run.parents, parentIds))
    .map((run) => ({ id: run.id, dir: run.dir, action: actionFor(run) }));
  for (const wanted of ['reuse', 'follow', 'resume'] as const) {
    const run = same.find(({ action }) => action === wanted);
    if (run !== undefined) return run;
  }
  return undefined;
}

function actionFor({ state, dir }: RunSummary): EnsuredRun['action'] {
  if (state === 'running' || state === 'paused') return 'follow';
  // A finished training whose newest checkpoint was damaged since makes the steps after the last sound one again.
  return state === 'done' && isNewestSound(dir) ? 'reuse' : 'resume';
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}
