/** Starts a job and shows it: a notification with progress and cancel, then how it ended. */
import * as vscode from 'vscode';
import { failureText, showFailure } from './failure';
import type { Job, JobRequest } from './jobs';
import { RunFigures } from './previews/run-figures';
import { fraction, progressText, stoppedText } from './progress-text';
import { resumeWords } from './resume-words';
import { isActive, isResumable } from './run-filters';
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
  const again = async (): Promise<void> => {
    try {
      await startJob(services, { title: job.title, words: await wordsAgain(services, job) }, onDone);
    } catch (error) {
      void showFailure(services, job.title, failureText(error));
    }
  };
  await ended(services, job, again, onDone);
}

/** What goes on with a job that has ended early, or does again what has left nothing to go on with. */
async function wordsAgain(services: Services, { words, runs, state, error }: Job): Promise<readonly string[]> {
  const last = runs.at(-1);
  if (last === undefined) return words;
  // Commands that make a run of their own would make another one.
  if (words[0] !== 'distill') return ['resume', last];
  // What has failed by itself was perhaps mended in the experiment's file.
  const run = state === 'stopped' || error?.startsWith('RUN_LOST') === true ? services.runs.get(last) : undefined;
  return run !== undefined && isResumable(run) ? resumeWords(services, run) : words;
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
    const { text, action } = stoppedText(job);
    if ((await vscode.window.showInformationMessage(text, action)) === action) await again();
  } else if (onDone !== undefined) await onDone(job);
  else if ((await vscode.window.showInformationMessage(`${job.title}: done.`, 'Open panel')) === 'Open panel') await vscode.commands.executeCommand('sigdeg.openPanel', { runIds: job.runs });
}
