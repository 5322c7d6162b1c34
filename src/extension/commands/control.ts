/** Stop, Pause, Resume, Delete. */
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { writeControl } from '../../store/control';
import { removeRun, type RunSummary } from '../../store/run';
import { startJob } from '../job-progress';
import { pickRuns } from '../pick-runs';
import { resumeWords } from '../resume-words';
import { isActive, isAny, isResumable, isRunning } from '../run-filters';
import type { Services } from '../services';
import { onlyShown, targetsOf } from '../targets';

export async function stop(services: Services, args: readonly unknown[]): Promise<void> {
  const runs = await pickRuns(services, args, { fits: isActive, what: 'a run that is running or paused', title: 'Stop', many: true });
  for (const { id, dir } of runs) {
    const job = services.jobs.all.find((each) => each.state === 'running' && each.runs.includes(id));
    if (job !== undefined) services.jobs.stop(job);
    writeControl(dir, 'stop');
  }
}

export async function pause(services: Services, args: readonly unknown[]): Promise<void> {
  const runs = await pickRuns(services, args, { fits: isRunning, what: 'a run that is running', title: 'Pause', many: true });
  for (const { dir } of runs) writeControl(dir, 'pause');
}

/** A paused run is woken; a stopped, failed or lost one goes on as a job: runs of one experiment as one. */
export async function resume(services: Services, args: readonly unknown[]): Promise<void> {
  const runs = await pickRuns(services, args, { fits: isResumable, what: 'a run that is paused, stopped, failed or lost', title: 'Resume', many: true });
  const started = new Set<string>();
  for (const run of runs) {
    if (run.state === 'paused') {
      writeControl(run.dir, 'resume');
      continue;
    }
    const words = await resumeWords(services, run);
    if (started.has(words.join('\n'))) continue;
    started.add(words.join('\n'));
    await startJob(services, { title: words[0] === 'distill' ? (run.experiment ?? run.name) : `${run.kind} ${run.name}`, words });
  }
}

/** Of an experiment its own runs: models of another one that stand in it, too, are that one's to delete. */
export async function remove(services: Services, args: readonly unknown[]): Promise<void> {
  const targets = args.length > 0 ? targetsOf(args) : services.selection();
  const runs = await pickRuns(services, args, { fits: isAny, what: 'runs to delete', title: 'Delete', many: true, scope: 'own' });
  const kept = onlyShown(services, targets);
  const busy = runs.filter(isActive);
  if (busy.length > 0) throw new SigdegError('RUN_BUSY', `${busy.map(({ kind, name }) => `${kind} ${name}`).join(', ')}: running: stop it first`);
  const used = usersOf(services, runs);
  const what = runs.length === 1 ? `the run ${runs[0]!.id}` : `${runs.length} runs`;
  const detail = [
    'Checkpoints and samples are gone for good.',
    ...(used.length > 0 ? [`${used.length} other run(s) were made from them and cannot be sampled or evaluated any more: ${namesOf(used)}.`] : []),
    ...(kept.length > 0 ? [`Kept, as another experiment's or not what the filter is for: ${namesOf(kept)}.`] : []),
  ].join(' ');
  if ((await vscode.window.showWarningMessage(`Delete ${what}?`, { modal: true, detail }, 'Delete')) !== 'Delete') return;
  for (const { dir } of runs) removeRun(dir);
  services.runs.refresh();
}

const namesOf = (runs: readonly RunSummary[]): string => `${runs.slice(0, 3).map(({ kind, name }) => `${kind} ${name}`).join(', ')}${runs.length > 3 ? '…' : ''}`;

/** Runs that stay and have one of these as parent. */
function usersOf({ runs }: Services, gone: readonly RunSummary[]): RunSummary[] {
  const ids = new Set(gone.map(({ id }) => id));
  return runs.all().filter(({ id, parents }) => !ids.has(id) && parents.some((parent) => ids.has(parent)));
}
