import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { resizeImage, RESIZE_RULES, type ResizeRule } from '../../src/core/resize';
import { createSchedule } from '../../src/core/schedule';
import { netDenoiser } from '../../src/diffusion/denoiser';
import { netInput, type Parametrisation } from '../../src/diffusion/parametrisation';
import { decodeSafetensors } from '../../src/formats/safetensors';
import { onnxFeatures, type OnnxFeatureOptions } from '../../src/jobs/onnx-features';
import { embedRows } from '../../src/nets/embedding';
import type { OnnxNetConfig } from '../../src/nets/onnx-names';
import { createOnnxNet, noWeights } from '../../src/nets/onnx-net';
import { startEngine } from '../../src/runtime/engine';
import { openOnnx } from '../../src/runtime/onnx-session';
import * as tf from '../../src/runtime/tf';
import { ensureOnnxRuntime } from '../support/onnx-runtime';
import { fixture, fixturePath } from './fixture';
import { mixtureDenoiser, type Mixture } from './mixture';

const { tensors } = decodeSafetensors(readFileSync(fixturePath('onnx/outputs.safetensors')), 'outputs');
const golden = (name: string): { shape: readonly number[]; data: Float32Array } => tensors.get(name)! as unknown as { shape: readonly number[]; data: Float32Array };
const largest = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), a.length === b.length ? 0 : Infinity);

beforeAll(async () => {
  await ensureOnnxRuntime();
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

test("a denoiser that PyTorch exported computes what PyTorch's does: channels first, whole steps, items of several times at once", () => {
  const file = fixturePath('onnx/denoiser.onnx');
  const { shape, data } = golden('x');
  const schedule = createSchedule({ name: 'discrete', betas: 'linear', betaStart: 0.004, betaEnd: 0.4, trainSteps: 24, zeroTerminalSnr: false });
  const config: OnnxNetConfig = { kind: 'onnx', inputs: { x: 'sample', time: 'timestep' }, output: 'velocity', time: 'index', layout: 'nchw' };
  const net = createOnnxNet(() => openOnnx(readFileSync(file), file), config, shape.slice(1), schedule, file);
  const lambdas = Array.from(golden('steps').data, (step) => schedule.lambda((step + 1) / 24));
  const before = tf.memory().numTensors;
  const found = tf.tidy(() => net.apply(noWeights, [tf.tensor(data, [...shape])], tf.tensor2d(embedRows(lambdas, 1, net.features), [3, 1])).dataSync<'float32'>().slice());
  expect(largest(found, golden('velocity').data)).toBeLessThan(1e-5);
  expect(tf.memory().numTensors).toBe(before);
  net.dispose();
});

const SIZES = [[11, 9], [4, 5]] as const;
const [count, height, width, channels] = golden('samples').shape as [number, number, number, number];

test.each(RESIZE_RULES.flatMap((rule) => SIZES.map((size) => [rule, ...size] as const)))('%s to %d x %d is that of PyTorch, torch-fidelity and Pillow', (rule, tall, wide) => {
  const pixels = golden('samples').data.map((value) => Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5));
  const size = pixels.length / count;
  const expected = golden(`${rule}.${tall}x${wide}`).data;
  for (let i = 0; i < count; i++) {
    const found = resizeImage(pixels.subarray(i * size, (i + 1) * size), { height, width, channels }, { height: tall, width: wide }, rule).map((value) => Math.min(255, Math.max(0, value)));
    expect(largest(found, expected.subarray(i * found.length, (i + 1) * found.length))).toBeLessThan(1e-3);
  }
});

describe('an extractor that PyTorch exported', () => {
  const file = fixturePath('onnx/extractor.onnx');
  const options = (rule: ResizeRule): OnnxFeatureOptions => ({ layout: 'nchw', inputRange: [-1, 255 / 128 - 1], quantise: true, resize: { height: 11, width: 9, rule } });

  test.each(RESIZE_RULES)("gives PyTorch's features after %s", (rule) => {
    const extract = onnxFeatures(file, options(rule));
    expect(largest(extract(golden('samples').data, [count, height, width, channels]), golden(`${rule}.features`).data)).toBeLessThan(1e-5);
    extract.dispose();
  });

  test('takes grey images for three channels, says what does not fit, and has a hash of its options', () => {
    const extract = onnxFeatures(file, options('bilinear'));
    const grey = Float32Array.from({ length: 2 * 16 }, (_, i) => Math.sin(i));
    expect(extract(grey, [2, 4, 4, 1])).toEqual(extract(Float32Array.from([...grey].flatMap((value) => [value, value, value])), [2, 4, 4, 3]));
    expect(() => extract(grey, [2, 4, 2, 2])).toThrow(/expected images that fit image float32 \[batch, 3, 11, 9\] \(nchw\), found \[11, 9, 2\]/);
    const plain = onnxFeatures(file, { ...options('bilinear'), resize: null });
    expect(() => plain(grey, [2, 4, 4, 1])).toThrow(/name a size to resize to/);
    expect(plain.hash).not.toBe(extract.hash);
    expect(() => onnxFeatures(file, { ...options('bilinear'), output: 'pool' })).toThrow(/expected an output «pool», found features float32/);
    extract.dispose();
    plain.dispose();
  });
});

test("EDM's bare network that PyTorch exported is told c_in x and c_noise, and gives the mixture's own E[x0 | x]", () => {
  const file = fixturePath('onnx/edm.onnx');
  const { tensors: values } = decodeSafetensors(readFileSync(fixturePath('onnx/edm.safetensors')), 'edm');
  const [x, sigmas, F] = ['x', 'sigma', 'F'].map((name) => values.get(name)!.data as Float32Array) as [Float32Array, Float32Array, Float32Array];
  const schedule = createSchedule({ name: 'edm' });
  const config: OnnxNetConfig = { kind: 'onnx', inputs: { x: 'x', time: 'c_noise' }, output: 'F', time: 'c-noise', layout: 'nchw' };
  const net = createOnnxNet(() => openOnnx(readFileSync(file), file), config, [2], schedule, file);
  const told: Parametrisation = { prediction: 'edm', sigmaData: schedule.sigmaData };
  const [denoiser, exact] = [netDenoiser(net, noWeights, told), mixtureDenoiser((fixture('exploding.json') as { mixture: Mixture }).mixture)];
  sigmas.forEach((sigma, i) => {
    tf.tidy(() => {
      const state = tf.tensor2d(x.subarray(2 * i, 2 * i + 2), [1, 2]);
      const embedding = tf.tensor2d(embedRows([-Math.log(sigma)], 1, net.features), [1, 1]);
      expect(largest(net.apply(noWeights, [netInput(told, state, 1, sigma)], embedding).dataSync<'float32'>(), F.subarray(2 * i, 2 * i + 2))).toBeLessThan(1e-4);
      const at = { alpha: 1, sigma, embedding };
      expect(largest(denoiser.x0(state, at).dataSync<'float32'>(), exact.x0(state, at).dataSync<'float32'>())).toBeLessThan(1e-5);
    });
  });
  denoiser.recordings.dispose();
  net.dispose();
});
