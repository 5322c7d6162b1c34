/** What ships works at once: no data, no training, no other runs. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { decodeNpy } from '../../src/formats/npy';
import { listRuns } from '../../src/store/run';
import { experiment, scratchFolders } from './harness';

const MODELS = ['fashion-mnist', 'mnist'];
const scratchFolder = scratchFolders(experiment);

test('they are listed with their students’ step counts', async () => {
  const { stdout } = await scratchFolder().sigdeg('--json', 'models');
  const listed = JSON.parse(stdout) as { name: string; teacher: string; student: string; steps: number[] }[];
  expect([...new Set(listed.map(({ name }) => name))]).toEqual(MODELS);
  for (const name of MODELS) {
    const own = listed.filter((one) => one.name === name);
    expect(own.flatMap(({ steps }) => steps)).toEqual([1, 2, 3, 5, 10, 20]);
    for (const { teacher, student, steps } of own) expect([teacher, student]).toEqual([`${name}-teacher`, `${name}-student-${steps[0]!}-${steps.at(-1)!}`]);
  }
});

test.each(MODELS)('%s: a sample by name makes its runs, once, and draws pictures without the data', async (name) => {
  const scratch = scratchFolder();
  const draw = (ref: string, ...options: string[]) => scratch.sigdeg('sample', ref, '--n', '8', '--out', 'x.npy', ...options);
  expect(await draw(name, '--steps', '1')).toMatchObject({ code: 0 });
  const { shape, data } = decodeNpy(fs.readFileSync(path.join(scratch.dir, 'x.npy')), 'x.npy');
  expect(shape).toEqual([8, 28, 28, 1]);
  // Dark ground and bright strokes, in model units: an untrained network gives neither.
  const bright = data.filter((v) => v > 0.5).length / data.length;
  const dark = data.filter((v) => v < -0.9).length / data.length;
  expect(bright).toBeGreaterThan(0.03);
  expect(dark).toBeGreaterThan(0.1);
  expect(await draw(`${name}-teacher`, '--sampler', 'dpmpp-2m', '--steps', '2')).toMatchObject({ code: 0 });
  const runs = listRuns(scratch.runsDir);
  const models = runs.filter(({ kind }) => kind !== 'samples');
  expect(models.filter(({ kind }) => kind === 'teacher').map(({ name: run, state }) => [run, state])).toEqual([[`${name}-teacher`, 'done']]);
  const students = models.filter(({ kind }) => kind === 'student');
  expect(new Set(students.map(({ name: run }) => run)).size).toBe(students.length);
});

test('an experiment distils a teacher that ships', async () => {
  const training = { steps: 2, batch: 4, learningRate: 0.001 };
  const scratch = scratchFolder({ teacher: { from: 'mnist-teacher' }, paths: { count: 64, steps: 6 }, students: [{ steps: [1, 2], depth: 4, training, previews: false }], evaluation: { count: 2, seeds: 3, steps: [1], samplers: ['sig-deg'], metrics: ['swd'] } });
  // The evaluation would take the teacher's 1000 steps; paths of 6 steps show that it is there.
  const { child, done } = scratch.start('distill', scratch.file);
  await expect.poll(() => listRuns(scratch.runsDir).find(({ kind }) => kind === 'student')?.state, { timeout: 90_000, interval: 200 }).toBe('done');
  child.kill('SIGINT');
  await done;
  const runs = listRuns(scratch.runsDir);
  const [teacher, ...others] = runs.filter(({ kind }) => kind === 'teacher');
  expect(others).toEqual([]);
  expect(runs.find(({ kind }) => kind === 'student')?.parents[0]).toBe(teacher!.id);
}, 150_000);

test('a name that nothing ships under is told with what is near', async () => {
  const scratch = scratchFolder();
  expect(await scratch.sigdeg('models', 'add', 'mnits')).toMatchObject({ code: 1, stderr: expect.stringMatching(/NOT_FOUND: no model «mnits» ships with sigdeg, did you mean «mnist»\?/) });
  expect(await scratch.sigdeg('sample', 'nothing')).toMatchObject({ code: 1, stderr: expect.stringMatching(/no run or experiment «nothing»/) });
});
