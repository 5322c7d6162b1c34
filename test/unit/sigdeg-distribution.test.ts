import { beforeAll, expect, test } from 'vitest';
import { createSchedule } from '../../src/core/schedule';
import { oneHot } from '../../src/diffusion/condition';
import { netDenoiser, type Denoiser } from '../../src/diffusion/denoiser';
import { createTeacher } from '../../src/diffusion/teacher';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { distributionTerm, pairedEnergyDistance } from '../../src/sigdeg/distribution';

beforeAll(async () => { await startEngine('cpu'); });

const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
const read = (of: () => tf.Scalar): number => tf.tidy(() => of().dataSync<'float32'>()[0]!);
/** Numbers without a pattern. */
const some = (length: number, by: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(by * (i + 1) ** 2));

test('energy distance of a batch: as its definition, pairs of the same item left out; the mean over groups', () => {
  const [groups, batch, features] = [3, 5, 4];
  const [a, b] = [some(groups * batch * features, 1.3), some(groups * batch * features, 0.7)];
  const between = (x: Float32Array, y: Float32Array, g: number): number => {
    let sum = 0;
    for (let i = 0; i < batch; i++) for (let j = 0; j < batch; j++) {
      if (i !== j) sum += Math.hypot(...Array.from({ length: features }, (_, k) => x[(g * batch + i) * features + k]! - y[(g * batch + j) * features + k]!));
    }
    return sum / (batch * (batch - 1));
  };
  const expected = [0, 1, 2].reduce((sum, g) => sum + (2 * between(a, b, g) - between(a, a, g) - between(b, b, g)) / groups, 0);
  const shape: [number, number, number] = [groups, batch, features];
  expect(read(() => pairedEnergyDistance(tf.tensor3d(a, shape), tf.tensor3d(b, shape)))).toBeCloseTo(expected, 4);
});

test('equal batches: no distance, and a gradient that is finite', () => {
  const a = some(24, 1.1);
  const { value, slope } = tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => pairedEnergyDistance(x as tf.Tensor3D, tf.tensor3d(a, [1, 6, 4])))(tf.tensor3d(a, [1, 6, 4]));
    return { value: value.dataSync<'float32'>()[0]!, slope: [...grad.dataSync<'float32'>()] };
  });
  expect(Math.abs(value)).toBeLessThan(1e-3);
  expect(slope.every((s) => Math.abs(s) < 1)).toBe(true);
});

test('what shrinks a set towards its mean grows the distance, though every item stays near its own', () => {
  const [batch, size] = [64, 2];
  const items = some(batch * size, 2.9);
  const term = distributionTerm({} as Denoiser, schedule, [size], 3, 0);
  const of = (factor: number): number => read(() => term.loss(tf.tensor(items.map((v) => factor * v), [batch, size]), tf.tensor(items, [batch, size]), {}, undefined));
  const [same, less, least] = [of(1), of(0.8), of(0.5)];
  expect(same).toBeLessThan(less);
  expect(less).toBeLessThan(least / 3);
});

test.each([0, 3])('images are compared in the middle of a U-Net, under noise that the step alone decides (%d classes)', (classes) => {
  const itemShape = [8, 8, 1];
  const { net, layout } = createTeacher({ kind: 'unet', channels: [8, 16], blocks: 1, attention: true, patch: 2 }, itemShape, {}, classes);
  const before = tf.memory().numTensors;
  const pieces = tf.tidy(() => layout.split(tf.tensor1d(layout.initial(1))));
  const denoiser = netDenoiser(net, layout.weights(pieces), { prediction: 'v' });
  const term = distributionTerm(denoiser, schedule, itemShape, 10, 4);
  const inputs = term.batch(6, 3);
  expect(term.batch(6, 3)).toEqual(inputs);
  expect([...term.batch(6, 4)['look.noise']!.data]).not.toEqual([...inputs['look.noise']!.data]);
  // An item has its noise whatever the batch.
  expect([...term.batch(2, 3)['look.noise']!.data]).toEqual([...inputs['look.noise']!.data.subarray(0, 128)]);
  const { loss, slope } = tf.tidy(() => {
    const tensors = Object.fromEntries(Object.entries(inputs).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]));
    const y = tf.tensor(some(384, 0.9), [6, ...itemShape]);
    const condition = classes === 0 ? undefined : { classes: tf.tensor2d(oneHot([0, 1, 2, 0, 1, 2], classes), [6, classes]) };
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => term.loss(x, y, tensors, condition))(tf.mul(y, 0.5));
    return { loss: value.dataSync<'float32'>()[0]!, slope: tf.max(tf.abs(grad)).dataSync<'float32'>()[0]! };
  });
  expect(loss).toBeGreaterThan(0);
  expect(slope).toBeGreaterThan(0);
  expect(slope).toBeLessThan(Infinity);
  tf.dispose(pieces);
  denoiser.recordings.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
