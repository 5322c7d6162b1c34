import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { alphaBars, type DiscreteScheduleConfig } from '../../src/core/discrete-schedule';
import { decodeSafetensors } from '../../src/formats/safetensors';
import { parseScheduler } from '../../src/jobs/diffusers-config';
import { readDiffusersFolder } from '../../src/jobs/diffusers-folder';
import { fileHash, loadWeights } from '../../src/jobs/diffusers-weights';
import { gridAt, levelAt } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { netDenoiser } from '../../src/diffusion/denoiser';
import { runSampler } from '../../src/diffusion/run-sampler';
import type { SolverName } from '../../src/diffusion/samplers/names';
import { SOLVERS } from '../../src/diffusion/samplers/table';
import { createTeacher } from '../../src/diffusion/teacher';
import { createNet } from '../../src/nets/create';
import { embedRows } from '../../src/nets/embedding';
import { ParameterLayout } from '../../src/nets/parameters';
import { Student } from '../../src/sigdeg/student';
import { exponentialStep } from '../../src/diffusion/samplers/exponential';
import { toDiffusers } from '../../src/nets/unet2d-weights';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { fixture, fixturePath } from './fixture';

const outputs = decodeSafetensors(readFileSync(fixturePath('unet2d/outputs.safetensors')), 'outputs').tensors;
const CLASSES: Readonly<Record<string, number>> = { classes: 3, 'class-timestep': 3 };
/** make_unet2d.py asks at these training steps, one an item. */
const TIMES = [7, 981];

beforeAll(async () => {
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

const open = (name: string) => {
  const found = readDiffusersFolder(fixturePath(`unet2d/${name}`), { classLabel: CLASSES[name] });
  return { ...found, tensors: loadWeights(found.weights.map(({ file }) => ({ file, sha256: fileHash(file) }))) };
};

const maxAbs = (values: ArrayLike<number>): number => Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe("a diffusers UNet2DModel computes what PyTorch's does", () => {
  test.each(['plain', 'attention', 'resampling', 'fourier', 'classes', 'class-timestep', 'odd'])('%s', (name) => {
    const { architecture, tensors } = open(name);
    const [x, expected] = [outputs.get(`${name}.x`)!, outputs.get(`${name}.out`)!];
    const itemShape = x.shape.slice(1);
    const channels = itemShape.at(-1)!;
    const net = createNet({ kind: 'unet2d', architecture, classLabel: CLASSES[name] }, { inputs: [channels], outputs: channels, lambdas: 1, timestep: (lambda) => lambda }, itemShape);
    const layout = new ParameterLayout(net.specs);
    const flat = layout.fromTensors(tensors, name);
    const found = tf.tidy(() => {
      const features = embedRows(TIMES, 1, net.features);
      return net.apply(layout.weights(layout.split(tf.tensor1d(flat))), [tf.tensor(x.data as Float32Array, x.shape)], tf.tensor2d(features, [TIMES.length, net.features.size])).dataSync<'float32'>();
    });
    const difference = maxAbs(found.map((value, i) => value - Number(expected.data[i])));
    expect(difference / maxAbs(expected.data as Float32Array)).toBeLessThan(1e-5);
  });
});

test('weights in several files are those of one file, and go back to PyTorch as they came', () => {
  const [whole, sharded] = [open('plain'), open('sharded')];
  expect(sharded.weights).toHaveLength(4);
  expect([...sharded.tensors.keys()].sort()).toEqual([...whole.tensors.keys()].sort());
  const file = whole.weights[0]!.file;
  for (const [name, theirs] of decodeSafetensors(readFileSync(file), path.basename(file)).tensors) expect(toDiffusers(name, whole.tensors.get(name)!)).toEqual(theirs);
  // The shards were written in half precision.
  for (const [name, { data }] of sharded.tensors) expect(maxAbs((data as Float32Array).map((value, i) => value - Number(whole.tensors.get(name)!.data[i])))).toBeLessThan(2e-3);
});

const { at, schedules } = fixture('unet2d/schedules.json') as { at: number[]; schedules: Record<string, { config: object; alphaBar: number[] }> };
test.each(Object.entries(schedules))("the %s schedule is diffusers'", (name, { config, alphaBar }) => {
  const bars = alphaBars(parseScheduler({ ...config, prediction_type: 'v_prediction', _class_name: 'DDPMScheduler' }, name).schedule as DiscreteScheduleConfig);
  at.forEach((step, i) => {
    if (alphaBar[i] === 0) {
      // Its logarithm must be a number.
      expect(bars[step]).toBeGreaterThan(0);
      expect(bars[step]).toBeLessThanOrEqual(2 ** -24);
      return;
    }
    const expected = alphaBar[i]!;
    expect(Math.abs(bars[step]! / expected - 1)).toBeLessThan(2e-5);
    expect(Math.abs(bars[step]! - expected)).toBeLessThan(2e-7);
  });
});

describe('an imported pipeline, on its own training steps and fed the same noise, goes where diffusers goes', () => {
  const states = decodeSafetensors(readFileSync(fixturePath('unet2d/pipeline.safetensors')), 'pipeline').tensors;

  test.each(['ddim', 'ddpm'] as const satisfies readonly SolverName[])('%s', (sampler) => {
    const { architecture, schedule: { schedule: config, prediction, clip }, weights } = readDiffusersFolder(fixturePath('ddpm-pipeline'), {});
    const schedule = createSchedule(config);
    const grid = gridAt(schedule, schedule.nodes!);
    const tensorOf = (name: string): tf.Tensor => tf.tensor(states.get(name)!.data as Float32Array, states.get(name)!.shape);
    const [start, noise] = [tensorOf('x_T'), tensorOf('noise')];
    const { net, layout } = createTeacher({ kind: 'unet2d', architecture }, start.shape.slice(1), schedule);
    const flat = layout.fromTensors(loadWeights(weights.map(({ file }) => ({ file, sha256: fileHash(file) }))), 'pipeline');
    const denoiser = netDenoiser(net, layout.weights(tf.tidy(() => layout.split(tf.tensor1d(flat)))), { prediction }, clip);
    const path = {
      initial: () => tf.div(start, grid.sigma[0]!),
      signature: (n: number) => tf.squeeze(tf.slice(noise, n, 1), [0]),
      wiener: (): never => { throw new Error('not asked for'); },
    };
    const found = runSampler(SOLVERS[sampler], { denoiser, schedule, grid, path, settings: { lowerOrderFinal: true } }).dataSync<'float32'>();
    const expected = states.get(sampler)!.data as Float32Array;
    expect(maxAbs(found.map((value, i) => value - expected[i]!))).toBeLessThan(1e-4);
  });
});

describe('a student that starts as an imported teacher', () => {
  const schedule = createSchedule({ name: 'discrete', betas: 'linear', betaStart: 1e-4, betaEnd: 0.02, trainSteps: 1000, zeroTerminalSnr: false });
  const grid = gridAt(schedule, Float64Array.of(0.9, 0.5));

  test.each(['plain', 'attention', 'resampling', 'fourier', 'classes', 'class-timestep', 'odd'])('is the ancestral step of «%s» before training, and every weight that has a say learns', (name) => {
    const { architecture, tensors } = open(name);
    const config = { kind: 'unet2d', architecture, classLabel: CLASSES[name] } as const;
    const { data, shape } = outputs.get(`${name}.x`)!;
    const itemShape = shape.slice(1);
    const teacher = createTeacher(config, itemShape, schedule);
    const flat = teacher.layout.fromTensors(tensors, name);
    const student = new Student({ net: config, itemShape, depth: 2, start: 'teacher', recurrence: 'shared', prediction: 'epsilon', clip: 1, timestep: schedule.timestep });
    tf.tidy(() => {
      const x = tf.tensor(data as Float32Array, shape);
      const xi = tf.concat([x, tf.mul(x, -0.5)], -1);
      const { keep, drift, noise } = exponentialStep(levelAt(grid, 0), levelAt(grid, 1));
      const weightsOf = (layout: ParameterLayout, values: Float32Array) => layout.weights(layout.split(tf.tensor1d(values)));
      const denoiser = netDenoiser(teacher.net, weightsOf(teacher.layout, flat), { prediction: 'epsilon' }, 1);
      const x0 = denoiser.x0(x, { alpha: grid.alpha[0]!, sigma: grid.sigma[0]!, embedding: tf.tensor2d(embedRows(grid.lambda.subarray(0, 1), 1, denoiser.features), [1, denoiser.features.size]) });
      const expected = tf.add(tf.add(tf.mul(x, keep), tf.mul(x0, drift)), tf.mul(x, noise)).dataSync<'float32'>();

      const embedding = embedRows(grid.lambda.subarray(0, 2), 2, student.features);
      const frame = { alpha: grid.alpha[0]!, sigma: grid.sigma[0]!, keep, drift, noise, embedding: tf.tensor2d(embedding, [1, embedding.length]) };
      const pieces = student.layout.split(tf.tensor1d(student.layout.grownFrom(teacher.layout, flat, 0)));
      const step = (p: tf.Tensor[]): tf.Tensor => student.step(student.layout.weights(p), x, xi, frame, undefined).x;
      const found = step(pieces).dataSync<'float32'>();
      // Rounding of epsilon is enlarged by sigma / alpha, which is 60 here.
      expect(maxAbs(found.map((value, i) => value - expected[i]!))).toBeLessThan(5e-5);

      const gradients = tf.grads((...p: tf.Tensor[]) => tf.sum(tf.square(step(p))))(pieces);
      const still = student.layout.specs.filter((_, i) => {
        const values = gradients[i]!.dataSync<'float32'>();
        expect(values.every(Number.isFinite)).toBe(true);
        return values.every((value) => value === 0);
      }).map((spec) => spec.name);
      expect(still).toEqual([]);
    });
  });
});
