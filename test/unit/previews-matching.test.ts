import * as path from 'node:path';
import { expect, test } from 'vitest';
import { readExperimentText, type ExperimentText } from '../../src/extension/previews/experiment-text';
import { lensesOf, type Lens } from '../../src/extension/previews/lenses';
import { goesOnWith, matchRuns } from '../../src/extension/previews/matching';
import { paceOf, type Pace } from '../../src/extension/previews/run-figures';
import { resolveExperiment } from '../../src/jobs/resolve-experiment';
import { planExperiment } from '../../src/jobs/plan';
import type { RunEvent, RunEventBody } from '../../src/store/events';
import type { RunSummary } from '../../src/store/run';
import { experimentText, FILE, runOf, student } from '../support/experiment-text';

const read = (text: string): ExperimentText => readExperimentText(text, FILE);
const file = read(experimentText(`${student('"steps": 5')},\n${student('"sweep": { "steps": [1, 2], "depth": [3] }')}`));
const hashes = new Map(planExperiment(resolveExperiment(file.experiment!, () => []), path.dirname(FILE)).map(({ key, configHash }) => [key, configHash]));
const parentsOf = new Map(planExperiment(resolveExperiment(file.experiment!, () => []), path.dirname(FILE)).map(({ key, parents }) => [key, parents]));
/** What a job made of the plan's run of that key, when the ids of all are their keys. */
const planned = (key: string): { configHash: string; parents: string[] } => ({ configHash: hashes.get(key)!, parents: [...parentsOf.get(key)!] });
const teacher = runOf('teacher', 'rings', { id: 'teacher', ...planned('teacher') });
const paths = runOf('paths', 'rings', { id: 'paths', ...planned('paths') });
const ids = (runs: readonly RunSummary[], of = file): (string | undefined)[] => matchRuns(of, runs).students.flat().map(({ matched }) => matched?.run.id);

test('the newest run of each student of this file is shown, with a word where the file has changed since', () => {
  const runs = [runOf('student', 'rings-5-steps-depth-3'), runOf('student', 'rings-2-steps-depth-3', planned('student-2')), runOf('student', 'rings-5-steps-depth-3')].reverse().concat(paths, teacher);
  const [[first], [second, third]] = matchRuns(file, runs).students as [[ReturnType<typeof matchRuns>['students'][0][0]], ReturnType<typeof matchRuns>['students'][0]];
  expect(first).toMatchObject({ name: '5-steps-depth-3', matched: { run: { id: runs[0]!.id }, current: false } });
  expect(second!.matched).toBeUndefined();
  expect(third).toMatchObject({ name: '2-steps-depth-3', matched: { run: { id: runs[1]!.id }, current: true } });
});

test('a run of what the file says now goes before newer ones of other values, unless such a one is being made', () => {
  const exact = runOf('student', 'rings-5-steps-depth-3', planned('student-0'));
  const newer = runOf('student', 'rings-5-steps-depth-3');
  const running = { ...newer, id: 'running', state: 'running' } as const;
  expect(ids([newer, exact, paths, teacher])[0]).toBe(exact.id);
  expect(ids([running, newer, exact, paths, teacher])[0]).toBe('running');
});

test('runs of another file are not taken by name, but by config, since a job takes them so', () => {
  const other = { experimentFile: '/elsewhere/rings.sigdeg.json' };
  expect(ids([runOf('student', 'rings-5-steps-depth-3', other)])[0]).toBeUndefined();
  expect(ids([runOf('student', 'x', { ...other, ...planned('student-0'), id: 'same' }), paths, teacher])[0]).toBe('same');
  expect(ids([runOf('student', 'rings-5-steps-depth-3', { experimentFile: null, id: 'named' })])[0]).toBe('named');
});

test('a run is outdated when its teacher is, and an evaluation when a student is missing', () => {
  const made = [runOf('evaluation', 'rings', { ...planned('evaluation'), parents: ['teacher', 'student-0'] }), runOf('student', 'rings-5-steps-depth-3', { id: 'student-0', ...planned('student-0') })];
  const current = (runs: readonly RunSummary[]): unknown[] => {
    const { evaluation, students } = matchRuns(file, runs);
    return [students[0]![0]!.matched?.current, evaluation?.current];
  };
  expect(current([...made, paths, teacher])).toEqual([true, false]);
  expect(current([...made, paths, { ...teacher, configHash: 'older' }])).toEqual([false, false]);
});

test('while the file has a problem nothing is held against its runs', () => {
  const broken = read(experimentText(`${student('"steps": 5')},\n${student('"stesp": 5')}`));
  const [[first], second] = matchRuns(broken, [runOf('student', 'rings-5-steps-depth-3')]).students as [[{ matched: unknown }], unknown[]];
  expect(first.matched).toMatchObject({ current: true });
  expect(second).toEqual([]);
  const typo = read(experimentText(student('"steps": 5, "dpeth": 2')));
  expect(ids([runOf('student', 'rings-5-steps-depth-3', { id: 'typo' })], typo)).toEqual(['typo']);
});

test('a job of the file goes on with a run that it plans: not once the file says something else, is broken, or another run of the same plan is done', () => {
  const stopped = runOf('student', 'rings-5-steps-depth-3', { id: 'student-0', state: 'stopped', ...planned('student-0') });
  const rest = [paths, teacher];
  expect(goesOnWith(file, [stopped, ...rest], stopped)).toBe(true);
  expect(goesOnWith(file, [{ ...teacher, state: 'stopped' }], { ...teacher, state: 'stopped' })).toBe(true);
  const edited = { ...stopped, configHash: 'before the file was edited' };
  expect(goesOnWith(file, [edited, ...rest], edited)).toBe(false);
  expect(goesOnWith(file, [stopped, paths, { ...teacher, configHash: 'older' }], stopped)).toBe(false);
  expect(goesOnWith(read(experimentText(student('"stesp": 5'))), [stopped, ...rest], stopped)).toBe(false);
  const orphaned = read(`{ "teacher": { "from": "gone" }, "students": [${student('"steps": 5')}] }`);
  expect([orphaned.problems, goesOnWith(orphaned, [stopped, ...rest], stopped)]).toEqual([[], false]);
  expect(goesOnWith(file, [stopped, { ...stopped, id: 'done', state: 'done' }, ...rest], stopped)).toBe(false);
});

test('samples and evaluations of a student are those that have its run as parent', () => {
  const made = runOf('student', 'rings-5-steps-depth-3');
  const samples = runOf('samples', 's', { parents: [made.id] });
  const evaluation = runOf('evaluation', 'rings', { parents: ['teacher', made.id] });
  const matches = matchRuns(file, [evaluation, samples, runOf('samples', 'other'), made]);
  expect(matches.students[0]![0]).toMatchObject({ evaluation: { id: evaluation.id }, samples: [{ id: samples.id }] });
});

const pace: Pace = { phase: 'train', rate: 10, loss: 0.5, time: 1000 };
const lenses = (runs: readonly RunSummary[], { of = file, trusted = true } = {}): Lens[] =>
  lensesOf(of, matchRuns(of, runs), { trusted, now: 3000, figures: { pace: () => pace } });
/** [line of the text, title, command] */
const shown = (all: readonly Lens[], of = file): [number, string, string | undefined][] => all.map(({ at, title, command }) => [of.json.text.slice(0, at).split('\n').length, title.replace(/\$\([a-z~-]+\)\u00a0/, ''), command]);

test('without runs a file can be distilled, and says why not yet evaluated', () => {
  expect(shown(lenses([]))).toEqual([[1, 'Distill', 'sigdeg.distillModel'], [1, 'Evaluate', undefined], [1, 'Open panel', 'sigdeg.openPanel']]);
  expect(lenses([])[0]!.target).toBe('file');
});

test('a file with problems, and one in an untrusted folder, offer no job', () => {
  const broken = read(experimentText(student('"stesp": 5')));
  expect(shown(lenses([], { of: broken }), broken).map(([, title, command]) => [title, command])).toEqual([['1 problem keeps this from being distilled', 'workbench.actions.view.problems'], ['Open panel', 'sigdeg.openPanel']]);
  const commands = lenses([runOf('student', 'rings-5-steps-depth-3', { state: 'stopped', ...planned('student-0') }), paths, teacher], { trusted: false }).map(({ command }) => command);
  expect(commands).toEqual(['workbench.trust.manage', 'sigdeg.openPanel', 'sigdeg.openPanel', 'sigdeg.openPanel']);
});

test('what runs is told live, above its section and on top, where it can be stopped', () => {
  const running = runOf('student', 'rings-5-steps-depth-3', { state: 'running', step: 40, ...planned('student-0') });
  expect(shown(lenses([running, paths, teacher]))).toEqual([
    [1, 'student running 40/100, 4 s left', 'sigdeg.openPanel'], [1, 'Stop', 'sigdeg.stop'], [1, 'Open panel', 'sigdeg.openPanel'],
    [3, 'done', 'sigdeg.openPanel'],
    [8, 'running 40/100, 4 s left', 'sigdeg.openPanel'],
  ]);
});

test('a finished student is sampled and evaluated; a sweep counts its students', () => {
  const runs = [runOf('student', 'rings-5-steps-depth-3', { id: 'a' }), runOf('student', 'rings-1-steps-depth-3', { id: 'b' }), runOf('student', 'rings-2-steps-depth-3', { state: 'failed', id: 'c' })];
  const all = lenses(runs);
  expect(shown(all).filter(([line]) => line > 1)).toEqual([
    [8, 'done', 'sigdeg.openPanel'], [8, 'outdated', undefined], [8, 'Sample', 'sigdeg.sample'],
    [12, '1 of 2 done, 1 failed', 'sigdeg.openPanel'], [12, 'Sample', 'sigdeg.sample'],
  ]);
  expect(all.find(({ command }) => command === 'sigdeg.evaluate')!.target).toEqual({ runIds: ['a', 'b'] });
  expect(all.filter(({ command }) => command === 'sigdeg.sample').map(({ target }) => target)).toEqual([{ runId: 'a' }, { runId: 'b' }]);
});

test('when everything in the file is done, it says so', () => {
  const runs = [['teacher', 'rings', 'teacher'], ['paths', 'rings', 'paths'], ['student', 'x', 'student-0'], ['student', 'x', 'student-1'], ['student', 'x', 'student-2'], ['evaluation', 'rings', 'evaluation']] as const;
  expect(lenses(runs.map(([kind, name, key]) => runOf(kind, name, { id: key, ...planned(key) })))[0]!.title).toBe('$(check)\u00a0Distilled');
  expect(lenses([runOf('teacher', 'rings', { ...planned('teacher'), state: 'stopped' })])[0]!.title).toBe('$(debug-continue)\u00a0Distill: go on');
});

test('no name of a run becomes an icon', () => {
  const sweep = read(experimentText(student('"name": "$(trash)", "sweep": { "steps": [1, 2], "depth": [3] }')));
  const run = runOf('student', 'rings-$(trash)-1-steps-depth-3', { state: 'running' });
  expect(lenses([run], { of: sweep }).map(({ title }) => title).join()).not.toContain('$(trash)');
});

test('the pace is that of this execution and phase', () => {
  const events = (bodies: (RunEventBody & { at: number })[]): RunEvent[] => bodies.map(({ at, ...body }, seq) => ({ seq, time: at, ...body }));
  const progress = (at: number, step: number, phase = 'train') => ({ at, type: 'progress', step, steps: 100, phase }) as const;
  const loss = { at: 11_000, type: 'scalar', name: 'train.loss', step: 30, value: 0.25 } as const;
  expect(paceOf(events([progress(0, 90), { at: 9_000, type: 'state', state: 'running' }, progress(10_000, 20), loss, progress(12_000, 40)]))).toEqual({ phase: 'train', rate: 10, loss: 0.25, time: 12_000 });
  expect(paceOf(events([progress(0, 90), progress(5_000, 10, 'tune')]))!.rate).toBe(0);
  expect(paceOf([])).toBeUndefined();
});
