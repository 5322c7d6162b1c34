import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { encodeNpy } from '../../src/formats/npy';
import { parseExperiment, type Teacher } from '../../src/jobs/config';
import { freeName, nameProblem, readExperiment, writeExperiment } from '../../src/jobs/experiment-drafts';
import { experimentForData, experimentForTeacher, experimentText, stepCounts, withSteps, type Json } from '../../src/jobs/new-experiment';
import { resolveExperiment } from '../../src/jobs/resolve-experiment';
import { planExperiment } from '../../src/jobs/plan';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-new-'));
afterAll(() => { fs.rmSync(dir, { recursive: true, force: true }); });

const parsed = (experiment: Json) => parseExperiment(JSON.parse(experimentText(experiment)), 'x', 'x');

test.each([
  [[500, 2], 'mlp'], [[500, 300], 'mlp'], [[40, 28, 28], 'unet'], [[40, 32, 32, 3], 'unet'], [[40, 9, 7], 'unet'], [[40, 10, 10], 'unet'],
])('data of shape %j get an experiment that the schema takes, with a %s', (shape, kind) => {
  const file = path.join(dir, `${shape.join('x')}.npy`);
  fs.writeFileSync(file, encodeNpy({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }));
  const experiment = parsed(experimentForData(file, dir));
  expect(experiment.dataset).toEqual({ name: 'npy', path: path.basename(file) });
  const { net } = experiment.teacher as Teacher;
  expect(net.kind).toBe(kind);
  expect(experiment.students[0]!.grid).toBe(kind === 'unet' ? 'uniform-alpha' : undefined);
  if (net.kind !== 'unet') return;
  const divisor = net.patch * 2 ** (net.channels.length - 1);
  expect(shape.slice(1, 3).map((side) => side % divisor)).toEqual([0, 0]);
});

test("a folder like MNIST's is described from the first bytes of its packed images", () => {
  const folder = path.join(dir, 'digits');
  fs.mkdirSync(folder);
  const header = Buffer.alloc(16);
  [0x0803, 1000, 28, 28].forEach((n, i) => header.writeUInt32BE(n, 4 * i));
  fs.writeFileSync(path.join(folder, 'train-images-idx3-ubyte.gz'), gzipSync(Buffer.concat([header, Buffer.alloc(784_000, 7)])));
  expect(parsed(experimentForData(folder, dir)).dataset).toEqual({ name: 'idx', path: 'digits' });
  expect(parsed(experimentForData(folder, folder)).dataset).toEqual({ name: 'idx', path: '.' });
  expect(() => experimentForData(path.join(dir, 'none'), dir)).toThrow(/does not exist/);
  expect(() => experimentForData(dir, dir)).toThrow(/expected one of train-images/);
});

test('other step counts keep the students that are there and make the others like the first', () => {
  const base = JSON.parse(fs.readFileSync('media/examples/8-gaussians.sigdeg.json', 'utf8')) as Json;
  expect(stepCounts(base)).toEqual([5]);
  const more = withSteps(base, [1, 5]);
  expect(parsed(more).students.map(({ steps, depth }) => [steps, depth])).toEqual([[1, 6], [5, 1], [5, 3]]);
  expect(parsed(more).evaluation.steps).toEqual([1, 5]);
  const sweep = JSON.parse(fs.readFileSync('media/examples/depth.sigdeg.json', 'utf8')) as Json;
  expect(stepCounts(sweep)).toEqual([1, 2, 3, 5, 10]);
  expect(parsed(withSteps(sweep, [10])).students.map(({ steps }) => steps)).toEqual([10]);
});

test('an experiment for a teacher begins with exactly that teacher, wherever its file lies', () => {
  const original = parseExperiment(JSON.parse(fs.readFileSync('media/examples/8-gaussians.sigdeg.json', 'utf8')), 'x', 'x');
  const teacher = planExperiment(resolveExperiment(original, () => []), '/a')[0]!;
  expect(planExperiment(resolveExperiment(parsed(experimentForTeacher({ ready: false, ref: 'x', config: teacher.config as Json }, dir)), () => []), dir)[0]!.configHash).toBe(teacher.configHash);
});

test('pairs are proposed beside a U-Net, but for one with classes, whose guidance they do not teach', () => {
  const config = (classes?: true): Json => ({ seed: 0, baseDir: dir, dataset: { name: 'mnist' }, schedule: { name: 'vp-linear', fineSteps: 40 }, teacher: { net: { kind: 'unet' }, ...(classes && { classes }), training: { steps: 1, batch: 1, learningRate: 0.1 } } });
  expect(parsed(experimentForTeacher({ ready: false, ref: 'x', config: config() }, dir)).paths).toMatchObject({ kind: 'local' });
  expect(parsed(experimentForTeacher({ ready: false, ref: 'x', config: config(true) }, dir)).paths).toMatchObject({ kind: 'full', steps: 40 });
});

test('a file is never written over, its data stay where they are, and names are free and sound', () => {
  const here = path.join(dir, 'here');
  const file = path.join(here, 'a.sigdeg.json');
  writeExperiment(file, { name: 'own', dataset: { name: 'npy', path: 'x.npy' } });
  expect(() => { writeExperiment(file, {}); }).toThrow(/is there already/);
  expect(readExperiment(file, dir)).toEqual({ dataset: { name: 'npy', path: 'here/x.npy' } });
  expect(readExperiment(file, path.join(dir, 'elsewhere'))).toEqual({ dataset: { name: 'npy', path: path.join(here, 'x.npy') } });
  expect([freeName(here, 'a'), freeName(here, '../b c')]).toEqual(['a-2', 'b-c']);
  expect([nameProblem(here, 'a'), nameProblem(here, '../x'), nameProblem(here, ' '), nameProblem(here, 'neu 1')]).toEqual(['a.sigdeg.json is there already', expect.stringContaining('only'), expect.stringContaining('needed'), undefined]);
});
