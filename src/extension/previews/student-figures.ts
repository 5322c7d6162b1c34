/** What is known of one student: its run's state in words, its newest picture and its measured quality. */
import { duration, short } from '../../core/number-text';
import { comparisonLines, metricTitle, primaryMetric, type ComparisonLine } from '../../report/comparison';
import { floorNote } from '../../report/score';
import type { RunSummary } from '../../store/run';
import type { MatchedStudent } from './matching';
import type { Pace, Picture, Figures } from './run-figures';

/** `running 420/3000, 12 s left`, `done`, `failed at 420/3000`. */
export function stateText(run: RunSummary, pace: Pace | undefined, now: number): string {
  const { state, step, steps } = run;
  const at = steps > 0 ? ` ${step}/${steps}` : '';
  switch (state) {
    case 'running': {
      if (steps === 0) return 'starting';
      if (pace === undefined || pace.rate <= 0 || step >= steps) return `running${at}`;
      // Between two progress events time goes on.
      const left = (steps - step) / pace.rate - Math.max(0, now - pace.time) / 1000;
      return `running${at}, ${duration(Math.max(1, left))} left`;
    }
    case 'done':
      return 'done';
    case 'queued':
      return 'queued';
    case 'paused':
      return `paused at${at || ' the start'}`;
    case 'failed':
    case 'stopped':
    case 'lost':
      return `${state} at${at || ' the start'}`;
  }
}

export interface Quality {
  readonly metric: string;
  readonly lines: readonly ComparisonLine[];
}

/** A student's lines of an evaluation: one for each step count it was measured at. */
export function qualityOf(student: MatchedStudent, figures: Figures): Quality | undefined {
  if (student.evaluation === undefined || student.matched === undefined) return undefined;
  const rows = figures.rows(student.evaluation);
  const metric = primaryMetric(rows);
  const own = rows.filter(({ run }) => run === student.matched?.run.id);
  return own.length === 0 ? undefined : { metric, lines: comparisonLines(own, metric) };
}

/** The newest picture of a student: drawn while it was trained, or by a `sample` run on it. */
export function pictureOf({ matched, samples }: MatchedStudent, figures: Figures): Picture | undefined {
  const runs = matched === undefined ? [] : [matched.run, ...samples];
  return runs.flatMap((run) => figures.picture(run) ?? []).reduce<Picture | undefined>((newest, one) => (newest && newest.time >= one.time ? newest : one), undefined);
}

/** `SWD 0.055 (0.91 × floor) · path RMSE 0.149`, at the first step count that was measured. */
export function qualityText({ metric, lines }: Quality): string {
  const line = lines[0]!;
  const reading = metricTitle(metric);
  const floor = floorNote(line, reading);
  const value = line.value && `${reading.short} ${short(line.value.median)}${floor === undefined ? '' : ` (${floor})`}`;
  const rmse = metric !== 'pathwise-rmse' && line.rmse ? `path RMSE ${short(line.rmse.median)}` : null;
  const at = lines.length > 1 ? `at ${line.steps} steps ` : '';
  return at + [value, rmse].filter((text) => text !== null).join(' · ');
}

/** Of several students (a sweep): `7 of 12 done, 1 running, 1 failed`. */
export function countsText(students: readonly MatchedStudent[]): string {
  const states = students.map(({ matched }) => matched?.run.state);
  const count = (state: string): number => states.filter((one) => one === state).length;
  const others = (['running', 'queued', 'paused', 'stopped', 'failed', 'lost'] as const).filter((state) => count(state) > 0).map((state) => `${count(state)} ${state}`);
  return [`${count('done')} of ${students.length} done`, ...others].join(', ');
}
