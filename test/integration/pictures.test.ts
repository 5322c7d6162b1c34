import * as fs from 'node:fs';
import * as path from 'node:path';
import { decode } from 'fast-png';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFlow } from '../../src/store/flow';
import { latestCheckpoint } from '../../src/store/checkpoints';
import { readEvents } from '../../src/store/events';
import { pictureSteps, readPictures, REFERENCE_FOLDER, SAMPLES_FOLDER, stepFolder } from '../../src/store/pictures';
import { experiment, Scratch, weights, type Distilled } from './harness';

const watched = new Scratch({ ...experiment, students: [{ ...experiment.students[0], steps: [2, 4] }] });
let made: Distilled;
const dirOf = (kind: string): string => path.resolve(watched.dir, made.runs.find((run) => run.kind === kind)!.dir);

beforeAll(async () => { made = await watched.distil(); });
afterAll(() => { watched.remove(); });

test('a student shows at every checkpoint what it makes of the same noise, for every step count', async () => {
  const dir = dirOf('student');
  expect(pictureSteps(dir)).toEqual([10, 20, 30, 40]);
  const [first, last] = await Promise.all([10, 40].map((step) => readPictures(dir, stepFolder(step))));
  expect([last!.itemShape, last!.count, last!.columns.map(({ sampler, steps, depth, teacher }) => [sampler, steps, depth, teacher])]).toEqual([[2], 1500, [['sig-deg', 2, 2, false], ['sig-deg', 4, 2, false]]]);
  expect(Buffer.from(first!.columns[0]!.samples.buffer).equals(Buffer.from(last!.columns[0]!.samples.buffer))).toBe(false);
  const images = readEvents(dir).filter((event) => event.type === 'image');
  expect(images.map(({ name, step }) => `${name} ${step}`)).toEqual([10, 20, 30, 40].flatMap((step) => [`steps-2 ${step}`, `steps-4 ${step}`]));
  for (const image of images) expect(fs.readFileSync(path.join(dir, image.path)).subarray(1, 4).toString()).toBe('PNG');
});

const textOf = (file: string): Record<string, string> => decode(fs.readFileSync(file), { checkCrc: true }).text;

test('every PNG says which run, training step, seed and weights it comes from', async () => {
  const [teacher, student, evaluation] = ['teacher', 'student', 'evaluation'].map(dirOf) as [string, string, string];
  const hashOf = (dir: string): string => latestCheckpoint(dir)!.hash;
  const { seed } = await readPictures(teacher, REFERENCE_FOLDER);
  const [t, s] = [path.basename(teacher), path.basename(student)];
  const drawn = { Software: 'Sig-DEG Explorer', weights: 'ema', grid: 'quad', seed: String(seed) };
  expect(textOf(path.join(teacher, REFERENCE_FOLDER, 'picture.png'))).toEqual({ ...drawn, run: t, model: t, step: '40', 'weights-hash': hashOf(teacher), sampler: 'ddpm', steps: '8' });
  expect(textOf(path.join(student, stepFolder(40), 'steps-4.png'))).toEqual({ ...drawn, run: s, model: s, step: '40', 'weights-hash': hashOf(student), sampler: 'sig-deg', steps: '4' });
  expect(textOf(path.join(student, stepFolder(10), 'steps-2.png'))).toMatchObject({ step: '10' });
  const measured = { run: path.basename(evaluation), model: `${t}, ${s}`, step: '40, 40', 'weights-hash': `${hashOf(teacher)}, ${hashOf(student)}` };
  for (const name of ['quality-swd', 'samples', 'loss']) expect(textOf(path.join(evaluation, 'samples', `${name}.png`))).toMatchObject(measured);

  const out = path.join(watched.dir, 'drawn.png');
  expect((await watched.sigdeg('sample', s, '--steps', '2', '--n', '8', '--seed', '3', '--out', out)).code).toBe(0);
  expect(textOf(out)).toEqual({ ...drawn, run: path.basename(watched.runs('samples')[0]!), model: s, step: '40', 'weights-hash': hashOf(student), sampler: 'sig-deg', steps: '2', seed: '3' });
});

test('an evaluation keeps pictures of all contestants on the noise of the previews, and the flow', async () => {
  const [evaluated, reference, preview, flow] = await Promise.all([
    readPictures(dirOf('evaluation'), SAMPLES_FOLDER), readPictures(dirOf('teacher'), REFERENCE_FOLDER), readPictures(dirOf('student'), stepFolder(40)), readFlow(dirOf('evaluation')),
  ]);
  const close = (a: Float32Array, b: Float32Array): number => Math.max(...Array.from(a.subarray(0, 128), (value, i) => Math.abs(value - b[i]!)));
  const column = (sampler: string, steps: number): Float32Array => evaluated.columns.find((one) => one.sampler === sampler && one.steps === steps)!.samples;
  expect(new Set([evaluated.seed, reference.seed, preview.seed]).size).toBe(1);
  expect(evaluated.columns.map(({ teacher }) => teacher)).toEqual([true, false, false]);
  expect(close(column('ddpm', 8), reference.columns[0]!.samples)).toBe(0);
  expect(close(column('sig-deg', 2), preview.columns[0]!.samples)).toBeLessThan(1e-5);
  expect(flow.map(({ sampler, steps, times, states }) => [sampler, steps, times.length, states.length])).toEqual([['ddpm', 8, 9, 27000], ['sig-deg', 2, 3, 9000]]);
  expect(close(flow[1]!.states.subarray(6000), column('sig-deg', 2))).toBe(0);
  expect(close(flow[0]!.states.subarray(24000), column('ddpm', 8))).toBe(0);
  expect([flow[0]!.times[0], Math.max(...flow.map(({ times }) => times.at(-1)!))]).toEqual([1, expect.closeTo(1e-3, 9)]);
});

test('the pictures change no number of the training, and can be left out', async () => {
  const silent = new Scratch({ ...experiment, students: [{ ...experiment.students[0], steps: [2, 4], previews: false }] });
  try {
    await silent.distil();
    const [student] = silent.runs('student');
    expect(weights(student!)).toBe(weights(dirOf('student')));
    expect(pictureSteps(student!)).toEqual([]);
  } finally {
    silent.remove();
  }
});

test('a damaged, foreign or missing file of pictures is a message', async () => {
  const dir = dirOf('teacher');
  const file = path.join(dir, REFERENCE_FOLDER, 'pictures.safetensors');
  const sound = fs.readFileSync(file);
  for (const bytes of [Buffer.alloc(0), sound.subarray(0, 100), Buffer.from(sound.toString('latin1').replace('columns', 'Columns'), 'latin1'), Buffer.from(sound.toString('latin1').replace('pictures', 'pictureS'), 'latin1')]) {
    fs.writeFileSync(file, bytes);
    await expect(readPictures(dir, REFERENCE_FOLDER)).rejects.toMatchObject({ name: 'SigdegError', code: 'BAD_FILE' });
  }
  fs.rmSync(file);
  await expect(readPictures(dir, REFERENCE_FOLDER)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(readFlow(dir)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
