/** What the CodeLens lines of an experiment file say and do, decided without the editor. */
import type { RunSummary } from '../../store/run';
import type { ExperimentText } from './experiment-text';
import type { MatchedRun, MatchedRuns, MatchedStudent } from './matching';
import type { Figures } from './run-figures';
import { countsText, stateText } from './student-figures';

/** What a lens hands to its command: the file, or runs. */
export type LensTarget = 'file' | { readonly runId: string } | { readonly runIds: readonly string[] };

export interface Lens {
  /** Offset in the text; the lens is drawn above its line. */
  readonly at: number;
  readonly title: string;
  readonly tooltip: string;
  /** Without one, the lens only tells. */
  readonly command?: string;
  readonly target?: LensTarget;
}

export interface LensSituation {
  readonly figures: Pick<Figures, 'pace'>;
  readonly trusted: boolean;
  /** ms since 1970. */
  readonly now: number;
}

const UNTRUSTED = 'Nothing is started from a folder that is not trusted.';

export function lensesOf(file: ExperimentText, matches: MatchedRuns, situation: LensSituation): Lens[] {
  const at = file.json.root?.offset ?? 0;
  return [
    ...topLenses(at, file, matches, situation),
    ...sectionLens(file.teacher?.start, 'Open the panel on the teacher', matches.teacher, situation),
    ...file.students.flatMap(({ span, names }, i) => (names.length === 0 ? [] : studentLenses(span.start, matches.students[i] ?? [], situation))),
    ...sectionLens(file.evaluation?.start, 'Open the panel on the evaluation', matches.evaluation, situation),
  ];
}

function topLenses(at: number, file: ExperimentText, matches: MatchedRuns, situation: LensSituation): Lens[] {
  const students = matches.students.flat();
  const all = [matches.teacher, matches.paths, ...students.map(({ matched }) => matched), matches.evaluation];
  const matched = all.filter((one) => one !== undefined);
  const running = matched.find(({ run }) => run.state === 'running')?.run;
  const panel: Lens = {
    at, title: withIcon('graph-line', 'Open panel'), command: 'sigdeg.openPanel', tooltip: 'Loss curves, quality against steps, samples',
    target: matched.length === 0 ? 'file' : { runIds: matched.map(({ run }) => run.id) },
  };
  if (running !== undefined) return [stateLens(at, running, situation, `${running.kind} `), stopLens(at, running), panel];
  if (file.problems.length > 0) {
    const count = file.problems.length;
    const title = withIcon('error', `${count === 1 ? '1 problem keeps' : `${count} problems keep`} this from being distilled`);
    return [{ at, title, tooltip: file.problems[0]!.message, command: 'workbench.actions.view.problems' }, panel];
  }
  if (!situation.trusted) return [{ at, title: withIcon('workspace-untrusted', 'Trust this folder to distil'), tooltip: UNTRUSTED, command: 'workbench.trust.manage' }, panel];

  const complete = all.every((one) => one?.current === true && one.run.state === 'done');
  const begun = matched.some(({ run, current }) => current && run.state !== 'done');
  const distill: Lens = {
    at, command: 'sigdeg.distillModel', target: 'file',
    title: complete ? withIcon('check', 'Distilled') : begun ? withIcon('debug-continue', 'Distill: go on') : withIcon('beaker', 'Distill'),
    tooltip: complete ? 'Everything in this file is done.' : 'Makes what is missing: teacher, paths, students, evaluation',
  };
  const done = students.filter(isDone).map((student) => student.matched!.run.id);
  const evaluate: Lens = done.length === 0
    ? { at, title: 'Evaluate', tooltip: 'There is no finished student yet: distil first.' }
    : { at, title: withIcon('graph', 'Evaluate'), tooltip: 'Measures the finished students and solvers against the teacher', command: 'sigdeg.evaluate', target: { runIds: done } };
  return [distill, evaluate, panel];
}

function studentLenses(at: number, students: readonly MatchedStudent[], situation: LensSituation): Lens[] {
  const made = students.flatMap((student) => student.matched ?? []);
  if (made.length === 0) return [];
  const done = students.filter(isDone).map((student) => student.matched!.run.id);
  const sample: Lens[] = done.length > 0 && situation.trusted
    ? [{ at, title: withIcon('sparkle', 'Sample'), tooltip: 'Draws samples and a picture', command: 'sigdeg.sample', target: done.length === 1 ? { runId: done[0]! } : { runIds: done } }]
    : [];
  const running = made.find(({ run }) => run.state === 'running')?.run;
  if (students.length === 1) return [...matchedLens(at, made[0]!, 'Open the panel on this student', situation), ...sample];
  const counts: Lens = {
    at, title: withIcon('layers', countsText(students)), tooltip: 'Open the panel on these students', command: 'sigdeg.openPanel', target: { runIds: made.map(({ run }) => run.id) },
  };
  return [counts, ...(running ? [stateLens(at, running, situation, `${running.name}: `)] : []), ...sample];
}

function sectionLens(at: number | undefined, tooltip: string, matched: MatchedRun | undefined, situation: LensSituation): Lens[] {
  return at === undefined || matched === undefined ? [] : matchedLens(at, matched, tooltip, situation);
}

/** The run's state, a way to go on with one that ended early, and a word where the file was changed since. */
function matchedLens(at: number, { run, current }: MatchedRun, tooltip: string, situation: LensSituation): Lens[] {
  const lens = stateLens(at, run, situation, '');
  const ended = run.state === 'stopped' || run.state === 'failed' || run.state === 'lost';
  return [
    { ...lens, tooltip: run.error ? `${run.error.code}: ${run.error.message}` : tooltip },
    ...(ended && current && situation.trusted ? [{ at, title: withIcon('debug-continue', 'Resume'), tooltip: 'Goes on from its newest checkpoint', command: 'sigdeg.resume', target: { runId: run.id } }] : []),
    ...(current ? [] : [{ at, title: withIcon('history', 'outdated'), tooltip: 'Made with other values than the file has now, or from another teacher; Distill makes a new one.' }]),
  ];
}

function stateLens(at: number, run: RunSummary, { figures, now }: LensSituation, prefix: string): Lens {
  const pace = run.state === 'running' ? figures.pace(run) : undefined;
  return { at, title: withIcon(ICONS[run.state], prefix + stateText(run, pace, now)), tooltip: 'Open the panel on this run', command: 'sigdeg.openPanel', target: { runId: run.id } };
}

const stopLens = (at: number, run: RunSummary): Lens => ({ at, title: withIcon('debug-stop', 'Stop'), tooltip: 'Writes a checkpoint and ends; Distill goes on from there', command: 'sigdeg.stop', target: { runId: run.id } });

const ICONS: Readonly<Record<RunSummary['state'], string>> = {
  queued: 'clock', running: 'sync~spin', paused: 'debug-pause', done: 'check', failed: 'error', stopped: 'debug-stop', lost: 'warning',
};

const isDone = ({ matched }: MatchedStudent): boolean => matched?.run.state === 'done';

/** A lens turns `$(name)` into an icon; a run's name is no place for that. A plain space after one is not shown. */
const withIcon = (icon: string, text: string): string => `$(${icon})\u00a0${text.replace(/\$\(/g, '$ (')}`;
