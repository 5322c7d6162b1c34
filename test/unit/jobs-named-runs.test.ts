/** An experiment that names runs: which they are, over one call after another, and whether they fit. Folders are made as the command makes them, without what is computed in between. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readExperimentText } from '../../src/extension/previews/experiment-text';
import { matchRuns } from '../../src/extension/previews/matching';
import { parseExperiment } from '../../src/jobs/config';
import { planExperiment } from '../../src/jobs/plan';
import { resolveExperiment } from '../../src/jobs/resolve-experiment';
import { ensureRun } from '../../src/launch/ensure';
import { writeCheckpoint } from '../../src/store/checkpoints';
import { EventWriter } from '../../src/store/events';
import { createRun, listRuns, readManifest, removeRun, type RunState, type RunSummary } from '../../src/store/run';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-origin-'));
afterAll(() => { fs.rmSync(root, { recursive: true }); });

const training = { steps: 10, batch: 8, learningRate: 0.001 };
const file = (students: object[], more: object = {}): object => ({ name: 'e', dataset: { name: 'moons' }, teacher: { net: { kind: 'mlp', width: 8 }, training }, students, ...more });
const five = { name: '5', steps: 5, training };
/** Two that start from what the entry above has made; the first keeps its name. */
const both = [{ ...five, from: 'e-5' }, { name: '10', steps: 10, from: 'e-5', training }];

let folders = 0;
class Runs {
  readonly dir = path.join(root, String(folders++), 'runs');

  plan = (value: object) => planExperiment(resolveExperiment(parseExperiment(value, 'e', 'e'), () => listRuns(this.dir)), root);

  /** The same as a call of the command, whose jobs end at once: the ids of its students by key. @param ends a run that ends in another way, where all after it are not made */
  async call(value: object, ends: Partial<Record<string, RunState>> = {}): Promise<Record<string, string>> {
    const ids = new Map<string, string>();
    for (const planned of this.plan(value)) {
      const { id, dir, action } = await ensureRun(this.dir, planned, planned.parents.map((key) => ids.get(key)!), { experiment: 'e', experimentFile: path.join(root, 'e.sigdeg.json'), engine: 'cpu' });
      ids.set(planned.key, id);
      if (action === 'reuse') continue;
      const state = ends[planned.key] ?? 'done';
      if (state === 'done') writeCheckpoint(dir, 1, { 'ema.safetensors': new Uint8Array(8) }, { step: 1 });
      const events = EventWriter.open(dir);
      events.append({ type: 'state', state: state as 'done' });
      events.close();
      if (state !== 'done') break;
    }
    return Object.fromEntries([...ids].filter(([key]) => key.startsWith('student')));
  }

  origin = (id: string): string | undefined => readManifest(path.join(this.dir, id)).parents[2];
  remove = (id: string): void => { removeRun(path.join(this.dir, id)); };
  students = (): RunSummary[] => listRuns(this.dir).filter(({ kind }) => kind === 'student');
}

test('the same command again makes nothing new, whatever its entries have made of the name that they start from', async () => {
  const runs = new Runs();
  const { 'student-0': first } = await runs.call(file([five]));
  const made = await runs.call(file(both));
  expect(Object.values(made).map(runs.origin)).toEqual([first, first]);
  expect(await runs.call(file(both))).toEqual(made);
  expect(runs.students()).toHaveLength(3);
  // What was changed goes on from what the name stands for now; the other entry stays as it is.
  const longer = await runs.call(file([{ ...both[0], training: { ...training, steps: 20 } }, both[1]!]));
  expect([runs.origin(longer['student-0']!), longer['student-1']]).toEqual([made['student-0'], made['student-1']]);
});

test('a call that was stopped between two entries of one origin goes on with the second from there', async () => {
  const runs = new Runs();
  const { 'student-0': first } = await runs.call(file([five]));
  expect(Object.keys(await runs.call(file(both), { 'student-0': 'stopped' }))).toEqual(['student-0']);
  expect(Object.values(await runs.call(file(both))).map(runs.origin)).toEqual([first, first]);
  expect(runs.students()).toHaveLength(3);
});

test('a later run of the name that diverged or was stopped hides no finished one', async () => {
  const runs = new Runs();
  const { 'student-0': first } = await runs.call(file([five]));
  for (const state of ['failed', 'stopped'] as const) await runs.call(file([{ ...five, training: { ...training, learningRate: state === 'failed' ? 1 : 2 } }]), { 'student-0': state });
  expect(runs.origin((await runs.call(file([both[1]!])))['student-0']!)).toBe(first);
  expect(runs.students().map(({ state }) => state)).toEqual(['done', 'stopped', 'failed', 'done']);
});

test('a student stays what it is when its origin is deleted, to the editor, too; a new one is told that it is not there', async () => {
  const runs = new Runs();
  const { 'student-0': first } = await runs.call(file([five]));
  const made = await runs.call(file(both), { 'student-1': 'stopped' });
  runs.remove(first!);
  const text = readExperimentText(JSON.stringify(file(both)), path.join(root, 'e.sigdeg.json'));
  expect(matchRuns(text, listRuns(runs.dir)).students.map(([one]) => [one!.matched!.run.id, one!.matched!.current])).toEqual(Object.values(made).map((id) => [id, true]));
  expect(await runs.call(file(both))).toEqual(made);
  runs.remove(made['student-0']!);
  expect(() => runs.plan(file([...both, { ...five, name: 'third', from: 'e-5' }]))).toThrow(/students\[0\]\.from: no student «e-5»/);
});

const npy = (name: string, shape: string): object => {
  const head = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117) + '\n';
  fs.writeFileSync(path.join(root, name), Buffer.concat([Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(head)]));
  return { name: 'npy', path: name };
};

test.each([
  ['another schedule', {}, { schedule: { betaMax: 10 } }, /schedule\.betaMax: expected 20, which .*-e-5\), found 10$/],
  ['another kind of schedule', { start: 'scratch' }, { schedule: { name: 'flow' }, teacher: { net: { kind: 'mlp', width: 8 }, prediction: 'flow', training } }, /schedule\.name: expected "vp-linear", which .* found "flow"$/],
  ['another prediction', {}, { teacher: { net: { kind: 'mlp', width: 8 }, prediction: 'flow', training } }, /teacher\.prediction: expected "v", which .* found "flow"$/],
  ['classes', {}, { teacher: { net: { kind: 'mlp', width: 8 }, classes: true, training } }, /teacher\.classes: expected false, which .* found true$/],
  ['items of another length', { start: 'scratch' }, { dataset: npy('wide.npy', '8, 3') }, /items of dataset: expected \[2\], which .* found \[3\]$/],
])('a student of %s is refused before its teacher is trained', async (_, entry, more, message) => {
  const runs = new Runs();
  await runs.call(file([{ ...five, ...entry }]));
  expect(() => runs.plan(file([{ ...five, ...entry, from: 'e-5' }], more))).toThrow(message);
});

test('of classes, their data and the range of guidance count; what no weight knows does not', async () => {
  const runs = new Runs();
  const teacher = { net: { kind: 'mlp', width: 8 }, classes: true, training };
  await runs.call(file([five], { teacher }));
  const plan = (more: object) => () => runs.plan(file([{ ...five, steps: 3, from: 'e-5' }], { teacher, ...more }));
  expect(plan({ dataset: { name: '8-gaussians' } })).toThrow(/dataset: expected {"name":"moons"}, which .* found {"name":"8-gaussians"}$/);
  expect(plan({ paths: { guidance: [1, 8] } })).toThrow(/paths\.guidance: expected \[1,4\], which .* found \[1,8\]$/);
  expect(plan({ paths: { guidance: [1, 4], count: 30 }, dataset: { name: 'moons', count: 500 }, schedule: { fineSteps: 100, tMin: 0.01 } })().map(({ key }) => key)).toContain('origin-0');
});

/** Runs among which is a teacher `spots`, imported for pictures of 8 × 8 pixels without data, and a trained one `e`. */
async function withTeachers(): Promise<Runs> {
  const runs = new Runs();
  await runs.call(file([five], { schedule: { fineSteps: 50 } }));
  const config = { seed: 0, baseDir: root, dataset: { name: 'none', shape: [8, 8, 1] }, schedule: { name: 'discrete', betas: 'linear', betaStart: 0.004, betaEnd: 0.4, trainSteps: 24, zeroTerminalSnr: false }, teacher: { net: { kind: 'unet2d' }, prediction: 'v', clip: 1, imported: { format: 'diffusers' } } };
  createRun(runs.dir, { kind: 'teacher', name: 'spots', experiment: null, experimentFile: null, config, configHash: 'spots', seed: 0, parents: [], engine: 'cpu', versions: {} });
  return runs;
}

test('what does not go with a teacher that is there is told before anything is computed', async () => {
  const runs = await withTeachers();
  const unet = { kind: 'unet' };
  const plan = (from: string, more: object, student: object = {}) => () => runs.plan({ teacher: { from }, students: [{ steps: 5, training, ...student }], evaluation: { count: 64, steps: [5] }, ...more });
  for (const from of ['e', 'spots']) expect(plan(from, {})().map(({ kind }) => kind)).toEqual(['teacher', 'paths', 'student', 'evaluation']);
  const evaluation = (more: object): object => ({ evaluation: { count: 64, steps: [5], ...more } });
  expect(plan('e', evaluation({ referenceSteps: 51 }))).toThrow(/evaluation\.referenceSteps: expected at most 50 steps, found 51 \(teacher .*-teacher-e\)$/);
  expect(plan('e', evaluation({ guidance: 2 }))).toThrow(/evaluation\.guidance: expected none beside a teacher that knows no classes/);
  expect(plan('spots', {}, { start: 'correction', net: unet })).toThrow(/students\[0\]\.net\.kind: expected 'unet2d', the teacher's kind, found 'unet'/);
  expect(plan('spots', {}, { start: 'scratch', net: unet })).not.toThrow();
  expect(plan('e', { dataset: npy('other.npy', '8, 4, 4') })).toThrow(/dataset: expected items \[2\], which its teacher draws \(.*-teacher-e\), found \[4, 4, 1\]$/);
  expect(plan('e', { dataset: { name: '8-gaussians' } })).not.toThrow();
});

test('so is what no metric can measure: too few data, too small pictures', async () => {
  const runs = await withTeachers();
  const plan = (from: string, evaluation: object, more: object = {}) => () => runs.plan({ teacher: { from }, students: [{ steps: 5, training }], evaluation: { count: 64, steps: [5], ...evaluation }, ...more });
  const few = { dataset: { name: 'moons', count: 190 } };
  expect(plan('e', { toData: true }, few)).toThrow(/evaluation\.toData: expected at most 63 samples a set \(3 sets that share no item of moons, which has 190\), found 64/);
  expect(plan('e', { toData: true, metrics: ['pathwise-rmse'] }, few)).not.toThrow();
  expect(plan('e', { toData: true })).not.toThrow();
  expect(plan('spots', { toData: true })).toThrow(/evaluation\.toData: expected a dataset, and this teacher came without one/);
  expect(plan('spots', { metrics: ['ssim'] })).toThrow(/evaluation\.metrics: 'ssim' needs pictures of at least 11 × 11 pixels, and the data's are 8 × 8: change that, or leave the metric out/);
  expect(plan('spots', { metrics: ['psnr'] })).not.toThrow();
  expect(plan('e', { metrics: ['psnr'] })).toThrow(/'psnr' needs pictures, and the data's items are \[2\]/);
  expect(plan('e', { metrics: ['recall'], searchCount: 5 })).toThrow(/'recall' needs at least 6 samples a set, found 5/);
});

test('pairs from noised data teach no guidance', async () => {
  const runs = new Runs();
  const classes = { teacher: { net: { kind: 'mlp', width: 8 }, classes: true, training } };
  await runs.call(file([five], classes));
  const plan = (more: object, paths: object) => () => runs.plan(file([five], { ...more, paths: { kind: 'local', ...paths } }));
  expect(plan(classes, {})).toThrow(/paths\.kind: expected 'full' beside a teacher with classes, whose guided paths lead elsewhere than through noised data, or "guidance": \[1, 1\], found "local"/);
  expect(plan({ teacher: { from: 'e' }, dataset: undefined }, { guidance: [1, 2] })).toThrow(/paths\.kind: expected 'full' beside .*\(teacher .*-teacher-e\)$/);
  for (const more of [classes, { teacher: { from: 'e' }, dataset: undefined }]) expect(plan(more, { guidance: [1, 1] })).not.toThrow();
  expect(plan({}, {})).not.toThrow();
});
