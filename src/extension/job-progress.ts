/** Starts a job and shows it: a notification with progress and cancel, then how it ended. */
import * as vscode from 'vscode';
import { failureText, showFailure } from './failure';
import type { Job, JobRequest } from './jobs';
import { RunFigures } from './previews/run-figures';
import { fraction, progressText } from './progress-text';
import { isActive } from './run-filters';
import type { Services } from './services';

/** @returns the job once it runs or waits; undefined when it cannot, which was said. */
export async function startJob(services: Services, request: JobRequest, onDone?: (job: Job) => unknown): Promise<Job | undefined> {
  let job: Job;
  try {
    job = await services.jobs.start(request);
  } catch (error) {
    void showFailure(services, request.title, failureText(error), () => startJob(services, request, onDone));
    return undefined;
  }
  followJob(services, job, onDone);
  return job;
}

/** Starts a job and shows it until it has ended; how it ended is the caller's to say. */
export async function runJob(services: Services, request: JobRequest): Promise<Job> {
  const job = await services.jobs.start(request);
  void show(services, job);
  await job.ended;
  services.runs.refresh();
  return job;
}

/** Shows a job while it runs or waits, and says how it ended; also one that an earlier window started. */
export function followJob(services: Services, job: Job, onDone?: (job: Job) => unknown): void {
  if (job.state === 'queued' || job.state === 'running') void show(services, job);
  void followToEnd(services, job, onDone);
}

async function followToEnd(services: Services, job: Job, onDone?: (job: Job) => unknown): Promise<void> {
  await job.ended;
  const { title, words, runs } = job;
  // Commands that make a run of their own would make another one.
  const alone = words[0] !== 'distill' && runs.length > 0;
  await ended(services, job, () => startJob(services, { title, words: alone ? ['resume', runs.at(-1)!] : words }, onDone), onDone);
}

async function show(services: Services, job: Job): Promise<void> {
  const { runs, jobs } = services;
  const figures = new RunFigures();
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: job.title, cancellable: true }, async (progress, cancel) => {
    cancel.onCancellationRequested(() => { jobs.stop(job); });
    let [shown, at] = ['', 0];
    const draw = (): void => {
      const run = job.runs.flatMap((id) => runs.get(id) ?? []).filter(isActive).at(-1);
      if (run === undefined) {
        progress.report({ message: job.state === 'queued' ? 'waiting for other jobs' : 'starting' });
        return;
      }
      const now = 100 * (fraction(run) ?? 0);
      // The bar only goes forward, so it shows the first run's way and then waits with the text.
      const increment = run.id === shown ? Math.max(0, now - at) : 0;
      [shown, at] = [run.id, now];
      progress.report({ message: progressText(run, figures.pace(run)), ...(job.runs.length === 1 ? { increment } : {}) });
    };
    const ends = [runs.onChange((ids) => {
      figures.changed(ids);
      draw();
    }), jobs.onChange(draw)];
    draw();
    await job.ended;
    for (const end of ends) end();
  });
}

async function ended(services: Services, job: Job, again: () => unknown, onDone?: (job: Job) => unknown): Promise<void> {
  services.runs.refresh();
  if (job.state === 'failed') await showFailure(services, job.title, job.error ?? 'failed', again);
  else if (job.state === 'stopped') {
    if ((await vscode.window.showInformationMessage(`${job.title}: stopped; it goes on from its last checkpoint.`, 'Resume')) === 'Resume') await again();
  } else if (onDone !== undefined) await onDone(job);
  else if ((await vscode.window.showInformationMessage(`${job.title}: done.`, 'Open panel')) === 'Open panel') await vscode.commands.executeCommand('sigdeg.openPanel', { runIds: job.runs });
}
