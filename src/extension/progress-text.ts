/** How far a run is, in the words of the status bar and of notifications. */
import { duration, short } from '../core/number-text';
import type { RunSummary } from '../store/run';
import type { Job } from './jobs';
import type { Pace } from './previews/run-figures';

/** `teacher 1200/2500, 310/s, 4 s left` */
export function progressText(run: RunSummary, pace: Pace | undefined): string {
  const { kind, state, step, steps } = run;
  if (state === 'paused') return `${kind} paused${steps > 0 ? ` at ${step}/${steps}` : ''}`;
  if (state !== 'running' || steps === 0) return `${kind} ${state === 'running' ? 'starting' : state}`;
  const phase = pace?.phase !== undefined && pace.phase !== '' && !pace.phase.includes(kind) && kind !== 'teacher' && kind !== 'student' ? `: ${pace.phase}` : '';
  const rate = pace?.rate ?? 0;
  return `${kind}${phase} ${step}/${steps}${rate > 0 ? `, ${short(rate)}/s, ${duration(Math.max(0, steps - step) / rate)} left` : ''}`;
}

/** What is said of a job that was stopped, and what is offered: one that has come to no run, as one that still waited or that installs or exports something, has no checkpoint. */
export const stoppedText = ({ title, runs }: Pick<Job, 'title' | 'runs'>): { text: string; action: string } =>
  (runs.length > 0 ? { text: `${title}: stopped; it goes on from its last checkpoint.`, action: 'Resume' } : { text: `${title}: stopped.`, action: 'Start again' });

/** Of 1; undefined where a run does not say. */
export const fraction = ({ step, steps }: RunSummary): number | undefined => (steps > 0 ? Math.min(1, step / steps) : undefined);
