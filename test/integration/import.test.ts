import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { decodeNpy, encodeNpy } from '../../src/formats/npy';
import { decodeSafetensors } from '../../src/formats/safetensors';
import { failure, flipByte, Scratch } from './harness';

const fixtures = path.resolve('test/golden/fixtures');
const pipeline = path.join(fixtures, 'ddpm-pipeline');
const training = { steps: 20, batch: 16, learningRate: 0.001, checkpointEvery: 10, logEvery: 5 };
const scratch = new Scratch({
  teacher: { from: 'spots' },
  paths: { count: 64 },
  students: [{ steps: 3, depth: 2, training }],
  evaluation: { count: 64, seeds: 3, steps: [3], samplers: ['dpmpp-2m', 'sig-deg'], grids: ['uniform-t'] },
});
afterAll(() => { scratch.remove(); });

interface Imported { teacher: string; sound: boolean; test: { step: number; error: number; linear: number }[] }

async function imported(...args: string[]): Promise<Imported> {
  const { code, stdout, stderr } = await scratch.sigdeg('--json', 'import', ...args);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Imported;
}

const golden = (name: string) => decodeSafetensors(fs.readFileSync(path.join(fixtures, 'unet2d', 'pipeline.safetensors')), 'pipeline').tensors.get(name)!;

test("a folder of diffusers is imported, denoises, samples as diffusers does from the same noise, and is distilled", { timeout: 180_000 }, async () => {
  const { teacher, sound, test: levels } = await imported(pipeline, '--name', 'spots');
  expect(levels).toHaveLength(5);
  expect(sound).toBe(true);
  expect((await imported(pipeline, '--name', 'spots')).teacher).toBe(teacher);

  // x_T as PyTorch has it, channels first: of one channel the same numbers.
  const { shape, data } = golden('x_T');
  const [n, h, w, c] = shape as [number, number, number, number];
  const noise = path.join(scratch.dir, 'x_T.npy');
  fs.writeFileSync(noise, encodeNpy({ shape: [n, c, h, w], data: data as Float32Array }));
  const out = path.join(scratch.dir, 'x.npy');
  const sampled = await scratch.sigdeg('sample', 'spots', '--sampler', 'ddim', '--noise', noise, '--out', out);
  expect(sampled.code).toBe(0);
  const found = decodeNpy(fs.readFileSync(out), out);
  expect(found.shape).toEqual([n, h, w, c]);
  const expected = golden('ddim').data as Float32Array;
  expect(Math.max(...expected.map((value, i) => Math.abs(value - found.data[i]!)))).toBeLessThan(1e-4);

  const { runs } = await scratch.distil();
  expect(runs.map(({ id, kind, state }) => [kind === 'teacher' ? id : kind, state])).toEqual([[teacher, 'done'], ['paths', 'done'], ['student', 'done'], ['evaluation', 'done']]);
});

test('a wrong prediction shows in the test on import', { timeout: 60_000 }, async () => {
  const file = path.join(scratch.dir, 'scheduler_config.json');
  fs.writeFileSync(file, fs.readFileSync(path.join(pipeline, 'scheduler', 'scheduler_config.json'), 'utf8').replace('v_prediction', 'epsilon'));
  expect((await imported(pipeline, '--name', 'wrong', '--scheduler', file)).sound).toBe(false);
});

test('what cannot be imported leaves no run behind, and says so in one line', async () => {
  const folder = path.join(scratch.dir, 'broken');
  fs.cpSync(pipeline, folder, { recursive: true });
  const weights = path.join(folder, 'unet', 'diffusion_pytorch_model.safetensors');
  fs.truncateSync(weights, 1000);
  const before = scratch.runs('teacher');
  expect(failure(await scratch.sigdeg('import', folder))).toMatchObject({ exit: 1, error: 'BAD_FILE' });
  expect(scratch.runs('teacher')).toEqual(before);
  expect(failure(await scratch.sigdeg('distill', scratch.file, '--set', 'teacher.from=spotz'))).toMatchObject({ exit: 1, error: 'NOT_FOUND' });
  expect(failure(await scratch.sigdeg('distill', scratch.file, '--set', 'paths.kind=local'))).toMatchObject({ exit: 1, error: 'BAD_CONFIG' });
});

test('weights that changed between the command and its job are not taken in', async () => {
  const folder = path.join(scratch.dir, 'changed');
  fs.cpSync(pipeline, folder, { recursive: true });
  const { teacher } = await imported(folder, '--name', 'changed');
  const run = path.join(scratch.runsDir, teacher);
  fs.rmSync(path.join(run, 'checkpoints'), { recursive: true });
  flipByte(path.join(folder, 'unet', 'diffusion_pytorch_model.safetensors'));
  fs.rmSync(path.join(run, 'events.jsonl'));
  expect(failure(await scratch.sigdeg('resume', teacher))).toMatchObject({ exit: 1, error: 'BAD_FILE' });
});
