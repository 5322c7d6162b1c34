import * as path from 'node:path';
import { expect, test } from 'vitest';
import { configLines, runLabel } from '../../src/extension/tree/config-lines';
import { bestLine, experimentDescription, runDescription, spokenRun, type Measured } from '../../src/extension/tree/figures';
import { runHover } from '../../src/extension/tree/hover-text';
import { filterOf, filterText } from '../../src/extension/tree/run-filter';
import { TreeModel, type TreeNode } from '../../src/extension/tree/tree-model';
import { damagedFolder, onlyShown, targetRuns } from '../../src/extension/targets';
import type { RunKind, RunSummary } from '../../src/store/run';
import type { RunIndex } from '../../src/store/run-index';
import { refusal } from '../support/refusal';
import { evaluationRow } from '../bench/make-runs';

let count = 0;
function run(kind: RunKind, id: string, more: Partial<RunSummary> = {}): RunSummary {
  const created = `2026-11-24T10:00:${String(count++).padStart(2, '0')}.000Z`;
  return {
    format: 1, id, kind, name: id, experiment: 'rings', experimentFile: null, created, config: {}, configHash: id, seed: 0, parents: [], versions: {}, engine: 'wasm',
    dir: `/runs/${id}`, state: 'done', step: 0, steps: 0, updated: 0, ...more,
  };
}
const student = (id: string, steps: number | number[], depth: number, more: Partial<RunSummary> = {}): RunSummary => run('student', id, { parents: ['t', 'p'], config: { student: { steps, depth } }, ...more });

const RUNS = [
  run('teacher', 't'), run('paths', 'p', { parents: ['t'] }),
  student('s10', 10, 3), student('s5-3', 5, 3), student('s5-1', 5, 1), student('several', [2, 8], 1),
  run('evaluation', 'e', { parents: ['t', 's10', 's5-3'] }), run('evaluation', 'e1', { experiment: null, parents: ['t', 's10'] }),
  run('samples', 'x', { experiment: null, parents: ['s10'] }), run('samples', 'y', { experiment: null, parents: ['t'] }),
];
const NOTHING: Measured = { rows: () => [], evaluationsOf: () => [] };

/** Ids, indented by depth. */
function drawn(model: TreeModel, node?: TreeNode, indent = ''): string[] {
  return model.children(node).flatMap((child) => [`${indent}${child.kind === 'run' ? child.runId : child.kind === 'broken' ? `!${child.id}` : String(child.name)}`, ...drawn(model, child, `${indent}  `)]);
}

test('runs stand under what they were made from: students by steps and depth, paths last', () => {
  const model = new TreeModel();
  model.update(RUNS);
  expect(drawn(model)).toEqual(['rings', '  t', '    several', '    s5-1', '    s5-3', '    s10', '      e1', '      x', '    e', '    y', '    p']);
  const [experiment] = model.children();
  expect(experiment).toMatchObject({ kind: 'experiment', runIds: expect.arrayContaining(RUNS.map(({ id }) => id)) });
  expect(model.placesOf('x').map(({ parent }) => parent?.key)).toEqual([model.placesOf('s10')[0]!.key]);
});

test('a teacher that two experiments share stands under both, one whose parents are gone under its experiment', () => {
  const model = new TreeModel();
  model.update([...RUNS, student('other', 4, 1, { experiment: 'second' }), run('evaluation', 'second-e', { experiment: 'second', parents: ['t', 'other', 's10'] }), student('orphan', 3, 1, { parents: ['gone'], experiment: 'third' })]);
  const tree = drawn(model);
  expect(tree.slice(0, 3)).toEqual(['third', '  orphan', 'second']);
  expect(tree.slice(2, 8)).toEqual(['second', '  t', '    other', '    s10', '    second-e', 'rings']);
  expect(model.placesOf('t')).toHaveLength(2);
});

/** What commands know of the runs. */
const known = (runs: readonly RunSummary[]) => ({ runs: { runsDir: '/runs', get: (id: string) => runs.find((each) => each.id === id) } as RunIndex });
const idsIn = (runs: readonly RunSummary[]): string[] => runs.map(({ id }) => id).sort();

test('of an experiment only its own runs are its own: not a teacher or a student that it shares, nor what stands above a run that passes the filter', () => {
  const second = [student('other', 4, 1, { experiment: 'second' }), run('evaluation', 'second-e', { experiment: 'second', parents: ['t', 'other', 's10'] }), run('samples', 'by-hand', { experiment: null, parents: ['other'] })];
  const runs = [...RUNS, ...second];
  const model = new TreeModel();
  model.update(runs);
  const [node] = model.children();
  const services = known(runs);
  expect(idsIn(targetRuns(services, [node]))).toEqual(['by-hand', 'other', 's10', 'second-e', 't']);
  expect(idsIn(targetRuns(services, [node], 'own'))).toEqual(['by-hand', 'other', 'second-e']);
  expect(idsIn(onlyShown(services, [node]))).toEqual(['s10', 't']);
  // What is selected by itself is meant.
  expect(idsIn(targetRuns(services, [node, [node, model.placesOf('t')[0]]], 'own'))).toEqual(['by-hand', 'other', 'second-e', 't']);
  expect(idsIn(onlyShown(services, [node, model.placesOf('t')[0]]))).toEqual(['s10']);
  model.update(runs, [], filterOf('by-hand', []));
  expect(idsIn(targetRuns(services, [model.children()[0]], 'own'))).toEqual(['by-hand']);
});

test('a damaged run has a folder as long as it is there', () => {
  const model = new TreeModel();
  const torn = { id: 'torn', code: 'BAD_FILE', message: '' };
  model.update([], [torn]);
  const services = { runs: { ...known([]).runs, unreadable: () => [torn] } as RunIndex };
  expect(damagedFolder(services, model.children()[0])).toBe(path.join('/runs', 'torn'));
  expect([{ kind: 'broken', id: '../x' }, { runId: 'torn' }, undefined].map((target) => damagedFolder(services, target))).toEqual([undefined, undefined, undefined]);
  expect(refusal(() => targetRuns(services, [{ kind: 'broken', id: 'gone' }]))).toMatch(/^NOT_FOUND gone/);
});

test('runs that are named and gone are not there, while the palette names none', () => {
  const services = known(RUNS);
  expect(refusal(() => targetRuns(services, [{ runIds: ['gone', 'lost'] }]))).toMatch(/^NOT_FOUND gone, lost: not among the runs of \/runs/);
  expect(idsIn(targetRuns(services, [{ runIds: ['gone', 't'] }]))).toEqual(['t']);
  expect([targetRuns(services, []), targetRuns(services, [{ runIds: [] }]), targetRuns(services, [undefined, []])]).toEqual([[], [], []]);
});

test('nodes that stay are the same, and only parents of what came or went have changed', () => {
  const model = new TreeModel();
  expect(model.update(RUNS).roots).toBe(true);
  const before = drawn(model);
  const [place] = model.placesOf('s10');
  expect(model.update(RUNS)).toEqual({ roots: false, nodes: [] });
  const more = run('samples', 'new', { experiment: null, parents: ['s10'] });
  expect(model.update([...RUNS, more])).toEqual({ roots: false, nodes: [place] });
  expect(model.placesOf('s10')[0]).toBe(place);
  expect(model.update(RUNS)).toEqual({ roots: false, nodes: [place] });
  expect(drawn(model)).toEqual(before);
  expect(model.update([], [{ id: 'torn', code: 'BAD_FILE', message: '' }]).roots).toBe(true);
  expect(drawn(model)).toEqual(['!torn']);
});

test('a filter keeps what passes and what is above it', () => {
  const model = new TreeModel();
  const runs = RUNS.map((each) => (each.id === 'x' ? { ...each, state: 'failed' as const } : each));
  model.update(runs, [{ id: 'torn', code: 'BAD_FILE', message: '' }], filterOf('', ['failed', 'lost']));
  expect(drawn(model)).toEqual(['rings', '  t', '    s10', '      x']);
  expect(model.shown).toBe(1);
  model.update(runs, [], filterOf(' Rings STUDENT s5', []));
  expect(drawn(model)).toEqual(['rings', '  t', '    s5-1', '    s5-3']);
  expect(filterText(filterOf('s5', ['lost', 'running'])!)).toBe('«s5», running or lost');
  expect(filterOf('  ', [])).toBeUndefined();
});

test('parents that form a circle, and names made to break a tree, do no harm', () => {
  const model = new TreeModel();
  const name = '../a/%2F\0\u202e<img src=x>[x](command:y)';
  model.update([run('student', 'a', { parents: ['b'] }), run('student', 'b', { parents: ['a'] }), run('samples', 'c', { experiment: null, parents: ['c', 'd'] }), run('evaluation', 'd', { experiment: null, parents: ['c', 'd'] }), run('teacher', 'z', { experiment: name })]);
  expect(drawn(model)).toEqual([name, '  z', 'null', '  d', '  c', 'rings', '  b', '  a']);
  const hostile = run('student', name, { name, error: { code: 'X', message: name }, state: 'failed', config: { student: { steps: { toString: 1 }, depth: [[[name]]] }, dataset: { name: 1e999 } } });
  expect(runHover(hostile, NOTHING)).not.toMatch(/(?<!\\)[<[\](]|\u202e|\0/);
  expect(runLabel(run('student', 'a', { config: null, name }))).not.toMatch(/\u202e|\0/);
  expect(configLines(run('teacher', 'a', { config: 'text' }))).toEqual([['Engine', 'wasm, seed 0']]);
});

test('the line beside a run tells its state, loss and best score over the floor', () => {
  const rows = [
    evaluationRow({ run: 't', sampler: 'ddpm', steps: 1000, value: 0.01, reference: 't ddpm@1000' }),
    evaluationRow({ run: 't', sampler: 'ddim', steps: 10, value: 0.12 }),
    ...[0.05, 0.054, 0.06].map((value, seed) => evaluationRow({ run: 's10', sampler: 'sig-deg', steps: 10, depth: 3, value, seed })),
  ];
  const measured: Measured = { rows: (id) => (id === 'e' ? rows : []), evaluationsOf: (id) => (id === 's10' ? [RUNS[7]!, RUNS[6]!] : []) };
  const s10 = { ...RUNS[2]!, loss: { name: 'train.loss', step: 1500, value: 0.00269 } };
  expect(runLabel(s10)).toBe('10 steps, depth 3');
  expect(runDescription(s10, measured)).toBe('0.9 × floor (SWD 0.054) · loss 0.00269');
  expect(spokenRun({ ...s10, state: 'running', step: 400, steps: 1500 }, NOTHING)).toBe('Student, 10 steps, depth 3, running, step 400 of 1500, loss 0.00269');
  expect(runDescription(RUNS[6]!, measured)).toMatch(/^best 0\.9 × floor \(SWD 0\.054\): .* at 10$/);
  expect(bestLine(RUNS[0]!, measured)).toBeUndefined();
  expect(runDescription({ ...RUNS[0]!, state: 'stopped', step: 400, steps: 2500 }, NOTHING)).toBe('stopped at 400/2500');
  expect(experimentDescription([{ ...s10, state: 'running' }, ...RUNS.slice(0, 2)])).toBe('1 running · 1 student');
});
