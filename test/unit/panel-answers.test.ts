import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PanelAnswers, type EditorActions } from '../../src/extension/panel/answers';
import type { EvaluationRow } from '../../src/store/evaluation-row';
import { writeFlow } from '../../src/store/flow';
import { REFERENCE_FOLDER, SAMPLES_FOLDER, stepFolder, writePictures, type PictureColumn } from '../../src/store/pictures';
import type { Answers, Ask, AskKind, ImageGrid, PointGrid, Reply } from '../../webview/protocol';
import { restoreState } from '../../webview/ui-state';
import { PanelRuns } from '../support/panel-runs';

const runs = new PanelRuns();
const told: string[] = [];
const editor: EditorActions = {
  save: () => Promise.resolve(null),
  reveal: (run) => { told.push(run); return Promise.resolve(); },
  control: (run, wish) => { told.push(`${wish} ${run}`); return Promise.resolve(); },
  command: (command) => Promise.reject(new Error(`${command} is not there`)),
};
const bugs: unknown[] = [];
const answers = new PanelAnswers(runs.index, editor, (error) => bugs.push(error));

const ask = async <K extends AskKind>(question: Extract<Ask, { kind: K }>): Promise<Answers[K]> => {
  const reply = await answers.reply(1, question);
  if (!reply.ok) throw new Error(`${reply.error.code}: ${reply.error.message}`);
  return reply.answer as Answers[K];
};
const refusal = async (question: Ask): Promise<string> => {
  const reply: Reply = await answers.reply(2, question);
  return reply.ok ? 'ok' : reply.error.code;
};

const column = (run: string, sampler: string, steps: number, depth: number | null, teacher = false): PictureColumn => ({ run, sampler, steps, depth, grid: 'quad', teacher });
const constant = (length: number, value: number): Float32Array => new Float32Array(length).fill(value);
const student = { steps: [2, 5], depth: 3, grid: 'quad', start: 'teacher', recurrence: 'shared', name: 's', training: { steps: 10, batch: 4, learningRate: 0.1 } };
const points = (value: number) => ({ seed: 7, itemShape: [2], count: 20, samples: constant(40, value) });
const row = (more: Partial<EvaluationRow>): EvaluationRow => ({
  run: 'teacher', sampler: 'ddim', steps: 5, nfe: 5, n: 64, seed: 1, metric: 'swd', value: 0.5, floor: null, seconds: 1, grid: 'quad', settings: {}, depth: null, weights: 'ema', units: 'model', reference: 'teacher ddpm@8', ...more,
});

beforeAll(() => {
  const teacher = runs.add('teacher', 'teacher');
  const { samples, ...reference } = points(1);
  writePictures(teacher.dir, REFERENCE_FOLDER, { ...reference, columns: [{ ...column('teacher', 'ddpm', 1000, null, true), samples }] });
  const dir = runs.add('student', 'student', ['teacher', 'paths'], { config: { schedule: { fineSteps: 50 }, student } }).dir;
  for (const [step, value] of [[10, 3], [20, 2]] as const) {
    const { samples: own, ...head } = points(value);
    writePictures(dir, stepFolder(step), { ...head, columns: [2, 5].map((steps) => ({ ...column('student', 'sig-deg', steps, 3), samples: own })) });
  }
  const evaluation = runs.add('evaluation', 'evaluation', ['teacher', 'student']);
  writePictures(evaluation.dir, SAMPLES_FOLDER, { ...reference, columns: [{ ...column('teacher', 'ddpm', 1000, null, true), samples }, { ...column('student', 'sig-deg', 5, 3), samples: points(1.5).samples }, { ...column('teacher', 'ddim', 5, null), samples }] });
  writeFlow(evaluation.dir, [{ run: 'teacher', sampler: 'ddpm', steps: 1000, depth: null, teacher: true, times: Float64Array.of(1, 0.5, 0), states: constant(24, 1) }, { run: 'student', sampler: 'sig-deg', steps: 1, depth: 3, teacher: false, times: Float64Array.of(1, 0), states: constant(16, 2) }]);
});
afterAll(() => { runs.remove(); });

test('the catalogue of a student has its training with its teacher, its evaluation, flows and Brownian paths', async () => {
  const { pictures, flows, brownian } = await ask({ kind: 'catalogue', runs: ['student'] });
  expect(pictures.map(({ id, trainingSteps }) => [id, trainingSteps])).toEqual([['evaluation:evaluation', [10, 20]], ['training:teacher', [10, 20]]]);
  expect(flows.map(({ id, label }) => [id, label])).toEqual([['evaluation:0', 'Teacher @ 1000'], ['evaluation:1', 'Sig-DEG student, depth 3 @ 1']]);
  expect(brownian.map(({ id, coordinates }) => [id, coordinates])).toEqual([['student@2', 2], ['student@5', 2]]);
  expect((await ask({ kind: 'catalogue', runs: ['gone', '__proto__'] })).pictures).toEqual([]);
});

test('one training step moves every column that trains; the others stay', async () => {
  const at = async (set: string, trainingStep: number | null): Promise<[string, boolean, number, number | null][]> =>
    ((await ask({ kind: 'grid', set, runs: ['student'], trainingStep })) as PointGrid).columns.map(({ label, trains, points: [first], rmse }) => [label, trains, first!, rmse]);
  expect(await at('training:teacher', null)).toEqual([['Teacher @ 1000', false, 1, null], ['Sig-DEG student, depth 3 @ 2', true, 2, 1], ['Sig-DEG student, depth 3 @ 5', true, 2, 1]]);
  expect((await at('training:teacher', 15)).map(([, , first]) => first)).toEqual([1, 3, 3]);
  expect(await at('evaluation:evaluation', 10)).toEqual([['Teacher @ 1000', false, 1, null], ['Sig-DEG student, depth 3 @ 5', true, 3, 2], ['DDIM @ 5', false, 1, 0]]);
  expect((await at('evaluation:evaluation', null)).map(([, , first]) => first)).toEqual([1, 1.5, 1]);
});

test('the choice of a training stays whichever and however many of its students are chosen', async () => {
  const { samples, ...head } = points(2);
  const many = Array.from({ length: 30 }, (_, i) => `20260101-120000-student-of-a-rather-long-name-${i}`);
  for (const id of many) writePictures(runs.add('student', id, ['teacher']).dir, stepFolder(10), { ...head, columns: [{ ...column(id, 'sig-deg', 2, 3), samples }] });
  const [set] = (await ask({ kind: 'catalogue', runs: many })).pictures.filter(({ id }) => id.startsWith('training'));
  expect([set!.id, set!.runs.length]).toEqual(['training:teacher', 31]);
  expect(restoreState({ samples: { set: set!.id } }).samples.set).toBe(set!.id);
  for (const chosen of [many, many.slice(0, 2)]) expect((await ask({ kind: 'grid', set: set!.id, runs: chosen, trainingStep: null })).columns.length).toBe(1 + chosen.length);
  for (const id of many) runs.drop(id);
});

test('pictures become pixels, each held against the teacher', async () => {
  const { dir } = runs.add('evaluation', 'images', ['teacher']);
  const shape = [12, 12, 1];
  const of = (value: number) => Float32Array.from({ length: 2 * 144 }, (_, i) => (i % 2 === 0 ? value : -value));
  writePictures(dir, SAMPLES_FOLDER, { seed: 1, itemShape: shape, count: 2, columns: [{ ...column('teacher', 'ddpm', 8, null, true), samples: of(1) }, { ...column('teacher', 'ddim', 2, null), samples: of(1) }, { ...column('teacher', 'odd', 2, null), samples: of(0.5) }] });
  const grid = (await ask({ kind: 'grid', set: 'evaluation:images', runs: [], trainingStep: null })) as ImageGrid;
  expect([grid.kind, grid.seed, grid.rows, grid.width, grid.columns.map(({ pixels }) => pixels.slice(0, 2))]).toEqual(['images', 1, 2, 12, [Uint8Array.of(255, 0), Uint8Array.of(255, 0), Uint8Array.of(191, 64)]]);
  expect(grid.columns.map(({ likeness }) => likeness && [likeness.psnr[0], likeness.ssim[0]])).toEqual([null, [Infinity, expect.closeTo(1, 9)], [expect.closeTo(12.04, 2), expect.any(Number)]]);
});

test('rows of pictures of classes are called by these', async () => {
  const { dir } = runs.add('evaluation', 'classes', ['teacher']);
  const samples = new Float32Array(3 * 64);
  writePictures(dir, SAMPLES_FOLDER, { seed: 1, itemShape: [8, 8, 1], count: 3, classes: ['Bag', 'Coat', 'Bag'], columns: [{ ...column('teacher', 'ddim', 2, null), samples }] });
  expect(await ask({ kind: 'grid', set: 'evaluation:classes', runs: [], trainingStep: null })).toMatchObject({ rows: 3, classes: ['Bag', 'Coat', 'Bag'] });
});

test('pictures smaller than the window of SSIM have no SSIM, which is said and not made a number', async () => {
  const { dir } = runs.add('evaluation', 'small', ['teacher']);
  const samples = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
  writePictures(dir, SAMPLES_FOLDER, { seed: 1, itemShape: [8, 8, 1], count: 1, columns: [{ ...column('teacher', 'ddpm', 8, null, true), samples }, { ...column('teacher', 'ddim', 2, null), samples: samples.map((v) => v / 2) }] });
  const grid = (await ask({ kind: 'grid', set: 'evaluation:small', runs: [], trainingStep: null })) as ImageGrid;
  expect(grid.columns[1]!.likeness).toEqual({ psnr: [expect.any(Number)], ssim: [null] });
});

test('a flow comes frame by frame with the teacher as its target', async () => {
  expect(await ask({ kind: 'flow', flow: 'evaluation:0' })).toMatchObject({ sampler: 'ddpm', teacher: true });
  const { frames, times, target, sampler, teacher } = await ask({ kind: 'flow', flow: 'evaluation:1' });
  expect([sampler, teacher]).toEqual(['sig-deg', false]);
  expect([frames.length, frames[0]!.length, times, target!.length]).toEqual([2, 8, [1, 0], 8]);
});

test("a Brownian path comes with what each depth keeps of it, equal at the ends of the student's steps", async () => {
  const picture = await ask({ kind: 'brownian', source: 'student@5', item: 3, coordinate: 1 });
  expect([picture.times.length, picture.path.length, picture.knots.length, picture.reconstructions.map(({ depth }) => depth)]).toEqual([51, 51, 6, [1, 2, 3]]);
  for (const knot of picture.knots) {
    const i = picture.times.indexOf(knot);
    for (const { path: rebuilt } of picture.reconstructions) expect(rebuilt[i]).toBeCloseTo(picture.path[i]!, 9);
  }
  expect(await refusal({ kind: 'brownian', source: 'student@7', item: 0, coordinate: 0 })).toBe('NOT_FOUND');
  expect(await refusal({ kind: 'brownian', source: 'student@5', item: -1, coordinate: 0 })).toBe('BAD_USAGE');
});

test('pictures of another guidance do not stand beside a student’s', async () => {
  const { samples, ...head } = points(1);
  const { dir } = runs.add('teacher', 'guided-teacher');
  writePictures(dir, REFERENCE_FOLDER, { ...head, guidance: 1, columns: [{ ...column('guided-teacher', 'ddpm', 1000, null, true), samples }] });
  const student = runs.add('student', 'guided-student', ['guided-teacher']);
  writePictures(student.dir, stepFolder(10), { ...head, guidance: 2, columns: [{ ...column('guided-student', 'sig-deg', 2, 3), samples }] });
  const { columns } = await ask({ kind: 'grid', set: 'training:guided-teacher', runs: ['guided-student'], trainingStep: null });
  expect(columns.map(({ label }) => label)).toEqual(['Sig-DEG student, depth 3 @ 2']);
});

test('rows that are not alike are refused with the reason; the newer number counts', async () => {
  runs.measured.set('evaluation', [row({}), row({ value: 9, seed: 2 })]);
  runs.add('evaluation', 'newer', ['teacher', 'student']);
  runs.measured.set('newer', [row({ value: 0.25 })]);
  runs.add('evaluation', 'newest-other', ['student']);
  runs.measured.set('newest-other', []);
  expect((await ask({ kind: 'comparison', runs: ['student'] })).rows.map(({ value, seed }) => [value, seed])).toEqual([[0.25, 1], [9, 2]]);
  runs.measured.set('newer', [row({ n: 128 }), row({ n: 128, seed: 2 })]);
  expect((await ask({ kind: 'comparison', runs: ['student'] })).refused).toEqual([{ run: 'evaluation', reason: 'other number of samples: 64, where the rest has 128' }]);
  runs.measured.set('newer', [row({ settings: { guidance: 2 } })]);
  expect((await ask({ kind: 'comparison', runs: ['student'] })).refused).toEqual([{ run: 'evaluation', reason: 'other guidance: none, where the rest has 2' }]);
});

test('features of other extractors are refused; measured against the data and against the teacher is no difference; what was only searched is left out', async () => {
  const features = (extractor: string) => [
    row({ metric: 'frechet', extractor }),
    row({ metric: 'frechet-to-data', extractor, reference: 'data mnist' }),
    row({ metric: 'frechet', extractor, n: 16, grid: 'uniform-t', search: true }),
    row({ metric: 'swd', extractor: null }),
  ];
  runs.measured.set('newer', features('mnist 12345678'));
  runs.measured.set('evaluation', features('mnist 12345678').map((each) => ({ ...each, seed: 2 })));
  const alike = await ask({ kind: 'comparison', runs: ['student'] });
  expect(alike.refused).toEqual([]);
  expect(alike.rows.map(({ metric, seed }) => `${metric} ${seed}`).sort()).toEqual(['frechet 1', 'frechet 2', 'frechet-to-data 1', 'frechet-to-data 2', 'swd 1', 'swd 2']);
  runs.measured.set('evaluation', features('pixels').map((each) => ({ ...each, seed: 2 })));
  const other = await ask({ kind: 'comparison', runs: ['student'] });
  expect(other.refused).toEqual([{ run: 'evaluation', reason: 'other extractor: pixels, where the rest has mnist 12345678' }]);
  expect(other.rows.map(({ metric, seed }) => `${metric} ${seed}`).sort()).toEqual(['frechet 1', 'frechet-to-data 1', 'swd 1', 'swd 2']);
});

test('a deleted, half-written or hostile run is a reply with a code, never an exception', async () => {
  const hostile = runs.add('student', 'hostile', ['teacher'], { name: '</script>', config: { schedule: { fineSteps: 1e12 }, student } });
  fs.mkdirSync(path.join(hostile.dir, 'samples', 'step-00000010'), { recursive: true });
  fs.writeFileSync(path.join(hostile.dir, 'samples', 'step-00000010', 'pictures.safetensors'), 'half');
  runs.add('student', 'empty', [], { config: null });
  const broken = runs.add('evaluation', 'broken', ['hostile']);
  fs.mkdirSync(path.join(broken.dir, 'samples'));
  fs.writeFileSync(path.join(broken.dir, 'samples', 'flow.safetensors'), '');
  expect(await ask({ kind: 'catalogue', runs: ['hostile', 'empty', 'broken'] })).toMatchObject({ brownian: [], flows: [{ id: 'broken:0', label: 'broken' }] });
  expect(await refusal({ kind: 'grid', set: 'training:teacher', runs: ['hostile'], trainingStep: null })).toBe('BAD_FILE');
  expect(await refusal({ kind: 'flow', flow: 'broken:0' })).toBe('BAD_FILE');
  expect(await refusal({ kind: 'brownian', source: 'hostile@5', item: 0, coordinate: 0 })).toBe('UNSUPPORTED');
  expect(await refusal({ kind: 'brownian', source: 'empty@5', item: 0, coordinate: 0 })).toBe('BAD_CONFIG');
  runs.drop('evaluation');
  for (const gone of [{ kind: 'grid', set: 'evaluation:evaluation', runs: [], trainingStep: null }, { kind: 'grid', set: '../..', runs: [], trainingStep: 1 }, { kind: 'flow', flow: 'evaluation:0' }] as const) expect(await refusal(gone)).toBe('NOT_FOUND');
  expect((await ask({ kind: 'series', runs: ['gone'], range: null, buckets: 5, smoothing: 0 })).series).toEqual([]);
  expect(bugs).toEqual([]);
});

test('what the editor does is asked of it; its failures are told and logged', async () => {
  await ask({ kind: 'open-run', run: 'student' });
  await ask({ kind: 'control', run: 'student', wish: 'stop' });
  expect(told).toEqual(['student', 'stop student']);
  expect(await refusal({ kind: 'command', command: 'distill', run: null })).toBe('INTERNAL');
  expect(bugs.length).toBe(1);
});
