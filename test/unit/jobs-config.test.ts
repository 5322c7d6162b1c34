import { expect, test } from 'vitest';
import { SigdegError } from '../../src/core/errors';
import { SAMPLER_NAMES } from '../../src/diffusion/samplers/names';
import { checkExperiment, parseExperiment, type Teacher } from '../../src/jobs/config';
import { resolveExperiment } from '../../src/jobs/resolve-experiment';
import { withSet } from '../../src/jobs/experiment-file';

const training = { steps: 10, batch: 8, learningRate: 0.001 };
const minimal = {
  dataset: { name: 'moons' },
  teacher: { net: { kind: 'mlp' }, training },
  students: [{ steps: 5, training }],
};

/** The experiment with values changed, as `--set` does it. */
const changed = (...sets: string[]): unknown => sets.reduce<unknown>(withSet, minimal);
const messages = (value: unknown): string[] => checkExperiment(value, 'x').problems.map((p) => p.message);

test('defaults are filled in, down to the sections that are not there', () => {
  const e = parseExperiment(minimal, 'a.json', 'a');
  expect(e.name).toBe('a');
  expect(e.schedule).toEqual({ name: 'vp-linear', betaMin: 0.1, betaMax: 20, tMin: 1e-3, fineSteps: 1000 });
  expect((e.teacher as Teacher).net).toEqual({ kind: 'mlp', width: 128, blocks: 3 });
  expect(e.students[0]).toMatchObject({ name: '5-steps-depth-3', steps: 5, depth: 3, start: 'teacher', recurrence: 'shared' });
  expect(e.students[0]?.training.checkpointEvery).toBe(500);
  const resolved = resolveExperiment(e, () => []);
  expect([resolved.students[0]?.grid, resolved.evaluation.grids]).toEqual(['quad', ['quad', 'uniform-t', 'uniform-logsnr']]);
});

test('where sigma grows the grids that nothing is said of are those of EDM; what is said stays', () => {
  const on = (...sets: string[]) => resolveExperiment(parseExperiment(changed('schedule.name=edm', 'teacher.prediction=edm', ...sets), 'a', 'a'), () => []);
  expect([on().students[0]?.grid, on().evaluation.grids]).toEqual(['karras', ['karras', 'uniform-logsnr']]);
  expect(on('students.0.grid=quad', 'evaluation.grids=["uniform-t"]')).toMatchObject({ students: [{ grid: 'quad' }], evaluation: { grids: ['uniform-t'] } });
});

test('a sweep becomes one student for every pair, with its own name', () => {
  const e = parseExperiment({ ...minimal, students: [{ sweep: { steps: [1, [2, 5]], depth: [3, 6] }, training }] }, 'a.json', 'a');
  expect(e.students.map((s) => [s.name, s.steps, s.depth])).toEqual([
    ['1-steps-depth-3', 1, 3],
    ['1-steps-depth-6', 1, 6],
    ['2-5-steps-depth-3', [2, 5], 3],
    ['2-5-steps-depth-6', [2, 5], 6],
  ]);
  expect(e.students[0]).not.toHaveProperty('sweep');
});

test.each([
  [['teacher.training.steps=ten'], 'teacher.training.steps: expected an integer, found "ten"'],
  [['teacher.training.steps=0'], 'teacher.training.steps: expected an integer ≥ 1, found 0'],
  [['teacher.training.steps=1.5'], 'teacher.training.steps: expected an integer, found 1.5'],
  [['teacher.training.learningRate=-1'], 'teacher.training.learningRate: expected a number > 0, found -1'],
  [['dataset.name=mnsit'], "dataset.name: expected one of '8-gaussians', 'checkerboard', 'moons', 'swiss-roll', 'pinwheel', 'mnist', 'fashion-mnist', 'idx', 'npy', found \"mnsit\", did you mean 'mnist'?"],
  [['teacher.net.kind=resnet'], "teacher.net.kind: expected 'mlp' or 'unet', found \"resnet\""],
  [['teacher.net={"kind":"unet","patch":3}'], 'teacher.net.patch: expected 1, 2 or 4, found 3'],
  [['teacher.net={"kind":"unet","channels":[]}'], 'teacher.net.channels: expected a list of ≥ 1 entries, found []'],
  [['students=[]'], 'students: expected a list of ≥ 1 entries, found []'],
  [['students.0.steps=0'], 'students[0].steps: expected an integer ≥ 1, found 0'],
  [['students.0.steps=five'], 'students[0].steps: expected a step count or a list of them (integers ≥ 1), found "five"'],
  [['students.0.depth=257'], 'students[0].depth: expected an integer ≤ 256, found 257'],
  [['evaluation.samplers=["dpmpp2m"]'], "evaluation.samplers[0]: expected one of %s, found \"dpmpp2m\", did you mean 'dpmpp-2m'?".replace('%s', SAMPLER_NAMES.map((name) => `'${name}'`).join(', '))],
  [['evaluation.seeds=2'], 'evaluation.seeds: expected an integer ≥ 3, found 2'],
  [['evaluation.referenceSteps=1001'], 'evaluation.referenceSteps: expected at most schedule.fineSteps (1000) steps, found 1001'],
])('a wrong value names path, expected and found: %s', (sets, message) => {
  expect(messages(changed(...sets))).toEqual([message]);
});

test.each([
  [['trainning={}'], /^trainning: unknown key, expected one of /],
  [['techer={}'], "techer: unknown key, did you mean 'teacher'?"],
  [['teacher.training.learningrate=1'], "teacher.training.learningrate: unknown key, did you mean 'learningRate'?"],
  [['teacher.net.widht=3'], "teacher.net.widht: unknown key, did you mean 'width'?"],
  [['students.0.dpeth=3'], "students[0].dpeth: unknown key, did you mean 'depth'?"],
  [['schedule.fineStep=3'], "schedule.fineStep: unknown key, did you mean 'fineSteps'?"],
])('an unknown key names the nearest one: %s', (sets, message) => {
  const found = messages(changed(...sets));
  expect(found).toHaveLength(1);
  expect(found[0]).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
});

test('a key that is missing is found to be nothing', () => {
  const { dataset: _, ...rest } = minimal;
  expect(messages(rest)).toEqual(['dataset: expected an object, found nothing']);
});

test.each([
  [['students.0.steps=2000'], 'students[0].steps: expected at most schedule.fineSteps (1000) steps, found 2000'],
  [['students.0.net={"kind":"mlp"}'], /^students\[0\]\.net: expected no net where start is 'teacher'/],
  [['students.0.start=scratch', 'students.0.net={"kind":"unet"}'], "students[0].net.kind: expected 'mlp', the teacher's kind, found \"unet\""],
  [['paths.kind=local', 'students.0.recurrence=gru'], "paths.kind: expected 'full' (students[0].recurrence trains through whole paths), found \"local\""],
  [['students.1={"steps":5,"training":{"steps":1,"batch":1,"learningRate":1}}'], /^students: expected students that differ in name/],
  [['schedule.name=flow'], /^teacher\.prediction: expected 'flow', 'x0' or 'epsilon' \(on the schedule flow /],
  [['schedule.name=sub-vp', 'teacher.prediction=epsilon'], /^teacher\.prediction: expected 'flow' \(students\[0\] starts from/],
  [['schedule.name=ve'], /^teacher\.prediction: expected 'edm', 'flow', 'x0' or 'epsilon' \(on the schedule ve v /],
  [['schedule.name=edm', 'teacher.prediction=x0'], /^teacher\.prediction: expected 'edm' or 'flow' \(students\[0\] starts from/],
  [['teacher.prediction=edm'], /^teacher\.prediction: expected 'v', 'flow', 'x0' or 'epsilon' \(edm is for the schedules ve and edm\)/],
  [['schedule.name=edm', 'teacher.prediction=edm', 'schedule.sigmaMax=0.001'], 'schedule.sigmaMax: expected a number > schedule.sigmaMin (0.002), found 0.001'],
  [['schedule.betaMax=0.05'], 'schedule.betaMax: expected a number > schedule.betaMin (0.1), found 0.05'],
])('rules that span keys are told at a path, too: %s', (sets, message) => {
  const found = messages(changed(...sets));
  expect(found).toHaveLength(1);
  expect(found[0]).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
});

test('the error is one line that starts with the file and counts what it leaves out', () => {
  const wrong = changed('a=1', 'b=1', 'c=1', 'seed=-1', 'dataset.count=0');
  const thrown = (() => {
    try {
      return parseExperiment(wrong, 'dir/my.sigdeg.json', 'my');
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(SigdegError);
  expect(thrown).toMatchObject({ code: 'BAD_CONFIG', message: expect.stringMatching(/^dir\/my\.sigdeg\.json: [^\n]*; and 2 more$/) as unknown });
});

test('--set changes, adds and appends; its value is JSON where it can be', () => {
  expect(withSet({ a: { b: 1 } }, 'a.b=2')).toEqual({ a: { b: 2 } });
  expect(withSet({}, 'a.b=text')).toEqual({ a: { b: 'text' } });
  expect(withSet({ a: [1] }, 'a.1=[2]')).toEqual({ a: [1, [2]] });
  expect(withSet({}, 'a=x=y')).toEqual({ a: 'x=y' });
  for (const wrong of ['a', '=1', 'a..b=1']) expect(() => withSet({}, wrong)).toThrow(/--set expects path=value/);
  expect(() => withSet({ a: [] }, 'a.x=1')).toThrow(/expected an entry 0 to 0/);
});

test('--set cannot reach a prototype', () => {
  const result = withSet({}, '__proto__.polluted=1') as object;
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(Object.keys(result)).toEqual(['__proto__']);
});
