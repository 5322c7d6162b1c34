/** What the tree says beside a run's name, and what a screen reader reads of it. */
import { short } from '../../core/number-text';
import { comparisonLines, contestantTitle, metricTitle, primaryMetric, type ComparisonLine } from '../../report/comparison';
import { bestOf, floorNote } from '../../report/score';
import type { EvaluationRow } from '../../store/evaluation-row';
import type { RunSummary } from '../../store/run';
import { runDetail, runLabel } from './config-lines';

/** Where measured rows come from: those of an evaluation, and the evaluations that measured a run. */
export interface Measured {
  readonly rows: (evaluation: string) => readonly EvaluationRow[];
  readonly evaluationsOf: (runId: string) => readonly RunSummary[];
}

/** `running 400/2500`, `paused at 400/2500`; '' for what is done, which a tick says. */
export function stateFigure({ state, step, steps }: RunSummary): string {
  const at = steps > 0 ? ` ${step}/${steps}` : '';
  switch (state) {
    case 'done':
      return '';
    case 'running':
      return at === '' ? 'starting' : `running${at}`;
    case 'queued':
      return 'queued';
    default:
      return at === '' ? state : `${state} at${at}`;
  }
}

/** The best line of what was measured of a student, or of all contestants but the teacher. */
export function bestLine(run: RunSummary, measured: Measured): { metric: string; line: ComparisonLine } | undefined {
  if (run.kind !== 'student' && run.kind !== 'evaluation') return undefined;
  // Newest first: numbers of an older evaluation may have been made with fewer samples.
  for (const evaluation of run.kind === 'evaluation' ? [run] : measured.evaluationsOf(run.id)) {
    const all = measured.rows(evaluation.id);
    const metric = primaryMetric(all);
    const lines = comparisonLines(all, metric).filter((line) => !line.teacher && line.value !== null && (run.kind === 'evaluation' || line.run === run.id));
    const line = bestOf(lines, metricTitle(metric));
    if (line !== undefined) return { metric, line };
  }
  return undefined;
}

/** `0.91 × floor (SWD 0.055)`, `precision 0.71 (teacher 0.75)`: first what can be compared between experiments. */
export function qualityFigure(run: RunSummary, measured: Measured): string {
  const best = bestLine(run, measured);
  if (best === undefined) return '';
  const { metric, line } = best;
  const reading = metricTitle(metric);
  const floor = floorNote(line, reading);
  const score = `${reading.short} ${short(line.value!.median)}`;
  const value = floor === undefined ? score : reading.scale === 'distance' ? `${floor} (${score})` : `${score} (${floor})`;
  return run.kind === 'evaluation' ? `best ${value}: ${contestantTitle(line)} at ${line.steps}` : value;
}

/** Everything after the label, what matters most first, since a narrow view cuts the rest off. */
export function runDescription(run: RunSummary, measured: Measured): string {
  const loss = run.loss !== undefined && (run.kind === 'teacher' || run.kind === 'student') ? `loss ${short(run.loss.value)}` : '';
  return [stateFigure(run), qualityFigure(run, measured), loss, runDetail(run)].filter((part) => part !== '').join(' · ');
}

const KINDS: Readonly<Record<RunSummary['kind'], string>> = { teacher: '', paths: '', student: 'Student, ', samples: '', evaluation: '' };

export function spokenRun(run: RunSummary, measured: Measured): string {
  const step = run.steps > 0 && run.state !== 'done' ? `, step ${run.step} of ${run.steps}` : '';
  const loss = run.loss === undefined ? '' : `, loss ${short(run.loss.value)}`;
  const quality = qualityFigure(run, measured);
  return `${KINDS[run.kind]}${runLabel(run)}, ${run.state}${step}${loss}${quality === '' ? '' : `, ${quality}`}`;
}

/** `1 running · 3 students`; of its runs as they are shown. */
export function experimentDescription(runs: readonly RunSummary[]): string {
  const count = (wanted: (run: RunSummary) => boolean): number => runs.filter(wanted).length;
  const states = (['running', 'paused', 'queued', 'failed', 'lost'] as const).flatMap((state) => {
    const number = count((run) => run.state === state);
    return number === 0 ? [] : [`${number} ${state}`];
  });
  const students = count(({ kind }) => kind === 'student');
  return [...states, students === 0 ? `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}` : `${students} ${students === 1 ? 'student' : 'students'}`].join(' · ');
}
