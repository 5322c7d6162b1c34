import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { coarseIndices, coarsen } from '../../src/core/grid';
import { decodeNpy, encodeNpy } from '../../src/formats/npy';
import { decodeSafetensors } from '../../src/formats/safetensors';
import { readDiffusersFolder, type DiffusersFolder } from '../../src/jobs/diffusers-folder';
import { loadModel, type LoadedModel } from '../../src/jobs/model';
import { setupOf } from '../../src/jobs/setup';
import { createNet } from '../../src/nets/create';
import { embedRows } from '../../src/nets/embedding';
import { ParameterLayout } from '../../src/nets/parameters';
import type { Unet2dArchitecture } from '../../src/nets/unet2d-config';
import { fromDiffusers } from '../../src/nets/unet2d-weights';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { frameTable } from '../../src/sigdeg/frames';
import { failure, flipByte, matching, Scratch } from './harness';

const fixtures = path.resolve('test/golden/fixtures');
const pipeline = path.join(fixtures, 'ddpm-pipeline');
const training = { steps: 20, batch: 16, learningRate: 0.001, checkpointEvery: 10, logEvery: 5 };
const scratch = new Scratch({
  teacher: { from: 'spots' },
  paths: { count: 64 },
  // The last of them are all of the fine steps.
  students: [{ steps: [3, 23], depth: 2, training, tuning: { steps: 3, batch: 4, learningRate: 0.0001, distribution: 1 } }],
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

  const broken = path.join(scratch.dir, 'nan.npy');
  fs.writeFileSync(broken, encodeNpy({ shape: [n, c, h, w], data: Float32Array.from(data as Float32Array, (value, i) => (i === c * h * w + 3 ? NaN : value)) }));
  expect(failure(await scratch.sigdeg('sample', 'spots', '--sampler', 'ddim', '--noise', broken))).toMatchObject({ exit: 1, error: 'BAD_FILE', message: matching(/finite numbers, found NaN in item 1/) });
  expect(failure(await scratch.sigdeg('import', path.resolve('test/golden/fixtures/ddpm-pipeline'), '--name', 'mnist'))).toMatchObject({ exit: 2, error: 'BAD_USAGE', message: matching(/ships with sigdeg/) });

  const { runs } = await scratch.distil();
  expect(runs.map(({ id, kind, state }) => [kind === 'teacher' ? id : kind, state])).toEqual([[teacher, 'done'], ['paths', 'done'], ['student', 'done'], ['evaluation', 'done']]);
});

test('a teacher goes back to diffusers as it came, and its student as a UNet2DModel that does the same steps', { timeout: 180_000 }, async () => {
  const [back, folder] = [path.join(scratch.dir, 'back'), path.join(scratch.dir, 'student')];
  const [student] = scratch.runs('student').map((run) => path.basename(run)) as [string];
  for (const words of [['spots', '--to', 'diffusers', '--out', back], [student, '--to', 'diffusers', '--out', folder]]) expect((await scratch.sigdeg('export', ...words)).code).toBe(0);

  const [came, went] = [pipeline, back].map((where) => readDiffusersFolder(where, {})) as [DiffusersFolder, DiffusersFolder];
  expect({ ...went.schedule, ...went.architecture, pipeline: went.pipeline }).toEqual({ ...came.schedule, ...came.architecture, pipeline: came.pipeline });
  const { teacher } = await imported(back, '--name', 'again');
  const [first, second] = [scratch.runs('teacher').find((run) => run.endsWith('-spots'))!, path.join(scratch.runsDir, teacher)].map((run) => fs.readFileSync(path.join(run, 'checkpoints', '00000000', 'ema.safetensors')));
  expect(second!.equals(first!)).toBe(true);

  await startEngine('cpu');
  const { config, student: { model, weights } } = loadModel(scratch.runsDir, student, 'ema') as Required<LoadedModel>;
  const { fine, dataset: { itemShape } } = setupOf(config);
  const read = (name: string): unknown => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
  const about = read('steps.json') as { clip: number; samplers: Record<string, { label: number; timestep: number; terms: number; keep: number; drift: number; noise: number; x0OfState: number; x0OfOutput: number }[]> };
  const { sample_size: side, ...written } = read('unet/config.json') as Unet2dArchitecture & { sample_size: number };
  const architecture: Unet2dArchitecture = { ...written, sample_size: [side, side] };
  const [h, w, c] = itemShape as [number, number, number];
  expect(architecture).toMatchObject({ in_channels: 3 * c, out_channels: c, num_class_embeds: 3 + 23 });
  // A fine step has one normal.
  expect(Object.values(about.samplers).map((steps) => [...new Set(steps.map(({ terms }) => terms))])).toEqual([[2], [1]]);
  const tensors = decodeSafetensors(fs.readFileSync(path.join(folder, 'unet', 'diffusion_pytorch_model.safetensors')), 'unet').tensors;
  const frames = frameTable(coarsen(fine, coarseIndices(fine, 3, 'quad')), 'both', model.features);
  frames.forEach(({ embedding, ...frame }, n) => {
    tf.tidy(() => {
      const step = about.samplers['3']![n]!;
      const [x, xi] = [tf.randomNormal([2, h, w, c], 0, 1, 'float32', n), tf.randomNormal([2, h, w, 2 * c], 0, 1, 'float32', n + 10)];
      const expected = model.step(weights, x, xi, { ...frame, embedding: tf.tensor2d(embedding, [1, embedding.length]) }, undefined).x;

      const net = createNet({ kind: 'unet2d', architecture, classLabel: step.label }, { inputs: [3 * c], outputs: c, lambdas: 1, timestep: () => step.timestep }, [h, w, 3 * c]);
      const layout = new ParameterLayout(net.specs);
      const flat = layout.fromTensors(new Map([...tensors].map(([name, tensor]) => [name, fromDiffusers(name, tensor)])), 'unet');
      const time = tf.tensor2d(embedRows([0], 1, net.features), [1, net.features.size]);
      const F = net.apply(layout.weights(layout.split(tf.tensor1d(flat))), [tf.concat([x, xi], -1)], time);
      const xbar0 = tf.clipByValue(tf.add(tf.mul(x, step.x0OfState), tf.mul(F, step.x0OfOutput)), -about.clip, about.clip);
      const found = tf.add(tf.add(tf.mul(x, step.keep), tf.mul(xbar0, step.drift)), tf.mul(tf.slice(xi, [0, 0, 0, 0], [2, h, w, c]), step.noise));
      expect(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]).toBeLessThan(1e-5);
    });
  });
});

test('a network that is no UNet2DModel is not written as one', { timeout: 60_000 }, async () => {
  const own = path.join(scratch.dir, 'own');
  expect(failure(await scratch.sigdeg('--runs-dir', own, 'export', 'mnist', '--to', 'diffusers'))).toMatchObject({ exit: 1, error: 'UNSUPPORTED', message: matching(/kind unet/) });
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
