/** ONNX files as teachers: our own export comes back, PyTorch's is distilled, what is wrong leaves nothing behind. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeNpy } from '../../src/formats/npy';
import { ensureOnnxRuntime } from '../support/onnx-runtime';
import { cli, ended, experiment, failure, flipByte, matching, Scratch } from './harness';

const fixture = path.resolve('test/golden/fixtures/onnx/denoiser.onnx');
const FLAGS = ['--prediction', 'v', '--schedule', 'linear,betaStart=0.004,betaEnd=0.4,trainSteps=24'];
const scratch = new Scratch(experiment);
afterAll(() => { scratch.remove(); });
beforeAll(ensureOnnxRuntime, 240_000);

interface Imported { teacher: string; sound: boolean; test: { step: number; error: number; linear: number }[] }

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await scratch.sigdeg('--json', ...args);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
}

const samples = async (run: string, name: string, ...args: string[]): Promise<Float32Array> => {
  const out = path.join(scratch.dir, name);
  await json('sample', run, '--seed', '3', '--out', out, ...args);
  return decodeNpy(fs.readFileSync(out), out).data as Float32Array;
};

test('a teacher that was exported is imported again without a word more, and draws the same samples', { timeout: 180_000 }, async () => {
  const { runs } = await scratch.distil();
  const teacher = runs.find(({ kind }) => kind === 'teacher')!.id;
  const folder = path.join(scratch.dir, 'exported');
  await json('export', teacher, '--to', 'onnx', '--out', folder);
  const file = path.join(folder, 'model.onnx');
  const { teacher: again } = await json<Imported>('import', file, '--name', 'again');
  const { normalisation } = JSON.parse(fs.readFileSync(path.join(folder, 'sampler.json'), 'utf8')) as { normalisation: { offset: number; scale: number } };
  const [first, second] = [await samples(teacher, 'first.npy', '--n', '70'), await samples(again, 'second.npy', '--n', '70')];
  expect(second).toHaveLength(140);
  expect(Math.max(...second.map((value, i) => Math.abs(value * normalisation.scale + normalisation.offset - first[i]!)))).toBeLessThan(1e-4);

  // The run has a copy: neither the file nor its place matter any more.
  expect((await json<Imported>('import', file, '--name', 'again')).teacher).toBe(again);
  fs.rmSync(folder, { recursive: true });
  expect(await samples(again, 'third.npy', '--n', '70')).toEqual(second);
  expect(failure(await scratch.sigdeg('export', again, '--to', 'safetensors'))).toMatchObject({ exit: 1, error: 'UNSUPPORTED', message: matching(/imported: it lies in .*model\.onnx$/) });
});

test("PyTorch's file denoises, and is distilled in several processes to a student of its own and to a correction", { timeout: 240_000 }, async () => {
  const { teacher, sound, test: levels } = await json<Imported>('import', fixture, '--name', 'spots', ...FLAGS);
  expect(levels).toHaveLength(5);
  expect(sound).toBe(true);
  expect((await json<Imported>('import', fixture, '--name', 'spots', ...FLAGS)).teacher).toBe(teacher);
  expect((await json<Imported>('import', fixture, '--name', 'wrong', ...FLAGS, '--prediction', 'epsilon')).sound).toBe(false);

  const training = { steps: 6, batch: 8, learningRate: 0.001, checkpointEvery: 3, logEvery: 3 };
  const net = { kind: 'unet', channels: [8], patch: 2 };
  const students = [{ name: 'own', steps: 3, depth: 2, start: 'scratch', net, training }, { name: 'beside', steps: 3, depth: 2, start: 'correction', net, training }];
  const file = path.join(scratch.dir, 'spots.sigdeg.json');
  const write = (change: object): void => { fs.writeFileSync(file, JSON.stringify({ teacher: { from: 'spots' }, paths: { count: 128 }, students, evaluation: { count: 64, seeds: 3, steps: [3], samplers: ['dpmpp-2m', 'sig-deg'], grids: ['uniform-t'] }, ...change })); };
  write({});
  const { runs } = await json<{ runs: { id: string; kind: string; state: string }[] }>('--processes', '2', 'distill', file);
  expect(runs.map(({ id, kind, state }) => [kind === 'teacher' ? id : kind, state])).toEqual([[teacher, 'done'], ['paths', 'done'], ['student', 'done'], ['student', 'done'], ['evaluation', 'done']]);

  // A student of its own needs no ONNX Runtime; its teacher does.
  const bare = { ...process.env, XDG_CACHE_HOME: path.join(scratch.dir, 'no-cache') };
  const sample = (run: string, ...args: string[]) => ended(process.execPath, scratch.words('sample', run, '--n', '2', ...args), scratch.dir, bare);
  expect(await sample(runs[2]!.id)).toMatchObject({ code: 0 });
  expect(failure(await sample(teacher, '--seed', '9'))).toMatchObject({ exit: 1, error: 'NO_ENGINE', message: matching(/«sigdeg runtime install --onnx»/) });

  for (const [change, words] of [
    [{ students: [{ steps: 3, training }] }, /students\[0\]\.start: expected 'scratch' or 'correction' beside a teacher that is an ONNX file/],
    [{ students: [{ steps: 3, start: 'scratch', training }] }, /students\[0\]\.net: expected a net of its own/],
    [{ students: [{ ...students[1], tuning: { steps: 2, batch: 2, learningRate: 1e-3 } }] }, /students\[0\]\.tuning: expected none/],
    [{ students: [{ ...students[0], tuning: { steps: 2, batch: 2, learningRate: 1e-3, distribution: 1 } }] }, /students\[0\]\.tuning\.distribution: expected none beside a teacher that is an ONNX file/],
  ] as const) {
    write(change);
    expect(failure(await scratch.sigdeg('distill', file))).toMatchObject({ exit: 1, error: 'BAD_CONFIG', message: matching(words) });
  }
});

test("EDM's bare network is a teacher by two words, and a wrong one is seen", { timeout: 120_000 }, async () => {
  const file = path.resolve('test/golden/fixtures/onnx/edm.onnx');
  const imported = await json<Imported>('import', file, '--name', 'edm', '--prediction', 'edm', '--schedule', 'edm');
  // It is exact: what of it is above the linear filter, which knows these 16 points' own variance, is their chance.
  for (const { error, linear } of imported.test) expect(error).toBeLessThan(1.15 * linear);
  const points = await samples(imported.teacher, 'edm.npy', '--n', '64', '--sampler', 'heun', '--steps', '10');
  // The mixture's own size.
  const rms = Math.sqrt(points.reduce((sum, value) => sum + value ** 2, 0) / points.length);
  expect(rms).toBeGreaterThan(0.7);
  expect(rms).toBeLessThan(1.3);
  const wrong = await json<Imported>('import', file, '--name', 'wrong', '--prediction', 'flow', '--schedule', 'edm', '--time', 'c-noise');
  expect(Math.max(...wrong.test.map(({ error, linear }) => error / linear))).toBeGreaterThan(1.5);
  expect(failure(await scratch.sigdeg('import', file, '--prediction', 'v', '--schedule', 've'))).toMatchObject({ exit: 2, error: 'BAD_USAGE', message: matching(/--prediction 'edm', 'flow', 'x0' or 'epsilon' \(on the schedule ve v does not/) });
});

test('what cannot be imported leaves no run behind, and says so in one line', async () => {
  const before = scratch.runs('teacher');
  const at = (name: string): string => path.join(scratch.dir, name);
  const whole = fs.readFileSync(fixture);
  fs.writeFileSync(at('cut.onnx'), whole.subarray(0, 5000));
  fs.writeFileSync(at('text.onnx'), 'no model');
  // The graph's operators: of names that nothing knows.
  fs.writeFileSync(at('strange.onnx'), Buffer.from(whole.toString('latin1').replaceAll('Conv', 'Vnoc'), 'latin1'));
  for (const [error, exit, words, ...args] of [
    ['BAD_FILE', 1, /cut off/, at('cut.onnx')],
    ['BAD_FILE', 1, /expected an ONNX model/, at('text.onnx')],
    ['BAD_FILE', 1, /does not load it/, at('strange.onnx')],
    ['NOT_FOUND', 1, /found nothing/, at('none.onnx')],
    ['BAD_USAGE', 2, /--shape that fits «sample».*sample float32 \[batch, 3, 6, 8\]/, fixture, '--shape', '8,8,3'],
    ['BAD_USAGE', 2, /found «y»: it has the inputs sample/, fixture, '--input-names', 'x=y'],
    ['BAD_USAGE', 2, /expected --schedule/, fixture],
    ['BAD_USAGE', 2, /expected --prediction/, fixture, '--schedule', 'linear,trainSteps=24'],
    // The model knows 24 steps only.
    ['BAD_FILE', 1, /does not run on inputs sample \[2, 3, 6, 8\], timestep \[2\]/, fixture, '--schedule', 'linear', '--prediction', 'epsilon'],
    ['BAD_USAGE', 2, /--class is for a folder/, fixture, '--class', '1'],
    ['BAD_USAGE', 2, /--input-names is for a file/, scratch.dir, '--input-names', 'x=y'],
  ] as const) {
    expect(failure(await scratch.sigdeg('import', ...args))).toMatchObject({ exit, error, message: matching(words) });
  }
  expect(scratch.runs('teacher')).toEqual(before);
});

test('a file that changed between the command and its job is not taken in', async () => {
  const file = path.join(scratch.dir, 'changed.onnx');
  fs.copyFileSync(fixture, file);
  const { teacher } = await json<Imported>('import', file, ...FLAGS);
  const run = path.join(scratch.runsDir, teacher);
  fs.rmSync(path.join(run, 'checkpoints'), { recursive: true });
  fs.rmSync(path.join(run, 'events.jsonl'));
  flipByte(file);
  expect(failure(await scratch.sigdeg('resume', teacher))).toMatchObject({ exit: 1, error: 'BAD_FILE', message: matching(/changed since it was imported/) });
});

test('install that fails leaves nothing behind, and status says what is missing', { timeout: 60_000 }, async () => {
  const cache = path.join(scratch.dir, 'other-cache');
  const env = { ...process.env, XDG_CACHE_HOME: cache, npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0', npm_config_cache: path.join(scratch.dir, 'npm') };
  const sigdeg = (...args: string[]) => ended(process.execPath, [cli, ...args], scratch.dir, env);
  expect(failure(await sigdeg('runtime', 'install', '--onnx'))).toMatchObject({ exit: 1, error: 'ONNX_INSTALL', message: matching(/npm cannot get onnxruntime-node .*nothing was changed/) });
  expect(fs.readdirSync(path.join(cache, 'sigdeg'))).toEqual([]);
  expect(failure(await sigdeg('runtime', 'install', '--onnx', '--webgpu'))).toMatchObject({ exit: 2, error: 'BAD_USAGE' });
  const { onnx } = JSON.parse((await sigdeg('--json', 'runtime', 'status')).stdout) as { onnx: object };
  expect(onnx).toEqual({ works: false, version: null, detail: matching(/not installed: «sigdeg runtime install --onnx»/) });
  expect((await json<{ onnx: object }>('runtime', 'status')).onnx).toMatchObject({ works: true, version: '1.30.0', detail: matching(/plain arithmetic/) });
});
