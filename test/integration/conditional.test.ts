/** A class-conditional teacher and its guided student, from data to samples, through the real command. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { decodeNpy } from '../../src/formats/npy';
import { checkpoints, failure, scratchFolders, until, weights, type Distilled, type Scratch } from './harness';

const training = { steps: 500, batch: 128, learningRate: 0.004, ema: 0.98, checkpointEvery: 125, logEvery: 50 };
const experiment = {
  dataset: { name: '8-gaussians' },
  schedule: { fineSteps: 60 },
  teacher: { net: { kind: 'mlp', width: 48, blocks: 2 }, classes: true, training },
  paths: { count: 4096, guidance: [1, 3] },
  students: [{ steps: 4, depth: 3, training }],
  evaluation: { count: 512, seeds: 3, steps: [4], samplers: ['ddim', 'sig-deg'], grids: ['quad'], guidance: 2 },
};
const scratch = scratchFolders(experiment);

let home: Scratch;
let made: Distilled;

beforeAll(async () => {
  home = scratch();
  made = await distilled(home);
}, 300_000);

/** However long it takes on a busy machine. */
async function distilled(at: Scratch): Promise<Distilled> {
  const { code, stdout, stderr } = await at.start('--json', 'distill', at.file).done;
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Distilled;
}

async function sample(at: Scratch, run: string, ...args: string[]): Promise<Float32Array> {
  const out = path.join(at.dir, 'x.npy');
  const { code, stderr } = await at.sigdeg('sample', run, '--out', out, ...args);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return decodeNpy(fs.readFileSync(out), out).data as Float32Array;
}

/** Share of the points whose nearest gaussian is that of the class that they were asked for. */
function share(points: Float32Array, label: (item: number) => number): number {
  const n = points.length / 2;
  let hits = 0;
  for (let i = 0; i < n; i++) {
    const octant = Math.round(Math.atan2(points[2 * i + 1]!, points[2 * i]!) / (Math.PI / 4));
    if ((octant + 8) % 8 === label(i)) hits++;
  }
  return hits / n;
}

const rmse = (a: Float32Array, b: Float32Array): number => Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0) / a.length);

test('samples of a class lie by its gaussian, of teacher and student, and the student follows the guided teacher along its path', async () => {
  for (const guidance of ['1', '2', '3']) {
    const asked = ['--class', 'all', '--guidance', guidance, '--n', '512', '--seed', '3'];
    const teacher = await sample(home, made.teacher, ...asked);
    const student = await sample(home, made.student, ...asked);
    for (const points of [teacher, student]) expect(share(points, (i) => i % 8)).toBeGreaterThan(0.95);
    expect(rmse(student, teacher)).toBeLessThan(0.1);
  }
  const west = await sample(home, made.student, '--class', 'west', '--n', '100');
  expect(share(west, () => 4)).toBeGreaterThan(0.95);
  expect(Array.from(await sample(home, made.student, '--class', '4', '--n', '100'))).toEqual(Array.from(west));
});

test('guidance changes what is drawn, of the student as of the teacher', async () => {
  const drawn = async (run: string, guidance: string): Promise<Float32Array> => sample(home, run, '--guidance', guidance, '--n', '256');
  const [weak, strong, ofWeak, ofStrong] = [await drawn(made.teacher, '1'), await drawn(made.teacher, '3'), await drawn(made.student, '1'), await drawn(made.student, '3')];
  const apart = rmse(weak, strong);
  expect(apart).toBeGreaterThan(0.03);
  expect(rmse(ofWeak, weak)).toBeLessThan(apart);
  expect(rmse(ofStrong, strong)).toBeLessThan(apart);
});

test('an item’s class and numbers do not depend on how many are drawn, nor in how many processes', async () => {
  const all = await sample(home, made.student, '--guidance', '2', '--n', '2300', '--seed', '5');
  const other = scratch();
  fs.cpSync(home.runsDir, other.runsDir, { recursive: true });
  const out = path.join(other.dir, 'y.npy');
  expect((await other.sigdeg('--processes', '2', 'sample', made.student, '--guidance', '2', '--n', '2300', '--seed', '5', '--out', out)).code).toBe(0);
  expect(Array.from(decodeNpy(fs.readFileSync(out), out).data)).toEqual(Array.from(all));
  expect(Array.from(await sample(home, made.student, '--guidance', '2', '--n', '9', '--seed', '5'))).toEqual(Array.from(all.subarray(0, 18)));
});

test('rows say at which guidance they were measured; guided, the teacher is asked twice a step, the student once', () => {
  const events = fs.readFileSync(path.join(home.runs('evaluation')[0]!, 'events.jsonl'), 'utf8').split('\n').filter((line) => line.includes('"type":"eval"'));
  const rows = events.map((line) => (JSON.parse(line) as { row: { sampler: string; nfe: number; metric: string; value: number; settings: { guidance?: number } } }).row);
  expect(new Set(rows.map(({ settings }) => settings.guidance))).toEqual(new Set([2]));
  expect(new Set(rows.map(({ sampler, nfe }) => `${sampler} ${nfe}`))).toEqual(new Set(['ddpm 120', 'ddim 8', 'sig-deg 4']));
  const followed = rows.filter(({ metric }) => metric === 'pathwise-rmse');
  expect(followed.length).toBe(3);
  for (const { value } of followed) expect(value).toBeLessThan(0.1);
});

test('a training that is killed and goes on ends with the same weights', { timeout: 300_000 }, async () => {
  const broken = scratch();
  const { done } = broken.start('--json', 'distill', broken.file);
  const worker = await until(() => {
    const [teacher] = broken.runs('teacher');
    return teacher !== undefined && checkpoints(teacher).length > 0 ? (JSON.parse(fs.readFileSync(path.join(teacher, 'lease.json'), 'utf8')) as { pid: number }).pid : undefined;
  }, 'a checkpoint of the teacher', 120_000);
  try {
    process.kill(worker, 'SIGKILL');
  } catch {
    // it was quicker: the comparison below still holds
  }
  await done;
  await distilled(broken);
  expect(weights(broken.runs('teacher')[0]!)).toBe(weights(home.runs('teacher')[0]!));
  expect(weights(broken.runs('student')[0]!)).toBe(weights(home.runs('student')[0]!));
});

test('what a model does not know is refused in one line', async () => {
  const wrong = async (...args: string[]): Promise<string> => { const { exit, error, message } = failure(await home.sigdeg(...args)); return `${exit} ${error} ${message}`; };
  expect(await wrong('sample', made.student, '--class', '8')).toMatch(/^2 BAD_USAGE --class: expected a number from 0 to 7, or one of east, .*, or all, found '8'/);
  expect(await wrong('sample', made.student, '--class', 'wset')).toMatch(/did you mean west\?$/);
  expect(await wrong('sample', made.student, '--guidance', '4')).toMatch(/^2 BAD_USAGE --guidance: expected a guidance scale from 1 to 3, which is what the student was taught/);
  expect(await wrong('sample', made.student, '--guidance', '-1')).toMatch(/^2 BAD_USAGE --guidance: expected a number of at least 0/);
  expect(await wrong('evaluate', made.student, '--steps', '4', '--n', '64', '--guidance', '9')).toMatch(/BAD_USAGE evaluation\.guidance: expected a guidance scale from 1 to 3/);
  fs.writeFileSync(path.join(home.dir, 'none.sigdeg.json'), JSON.stringify({ ...experiment, dataset: { name: 'checkerboard' } }));
  expect(await wrong('distill', path.join(home.dir, 'none.sigdeg.json'))).toMatch(/^1 BAD_CONFIG teacher\.classes: expected data with classes .*, found checkerboard without/);
  fs.writeFileSync(path.join(home.dir, 'plain.sigdeg.json'), JSON.stringify({ ...experiment, teacher: { ...experiment.teacher, classes: false } }));
  expect(await wrong('distill', path.join(home.dir, 'plain.sigdeg.json'))).toMatch(/BAD_CONFIG .*paths\.guidance: expected none without "classes": true/);
});
