import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { fillNormals } from '../../src/core/random/normal';
import { silu } from '../../src/nets/layers';
import { createMlp } from '../../src/nets/mlp';
import { adamStep, stepScalars } from '../../src/nets/optimizer';
import { ParameterLayout } from '../../src/nets/parameters';
import { startEngine } from '../../src/runtime/engine';
import { fusedDense } from '../../src/runtime/fused';
import * as tf from '../../src/runtime/tf';

beforeAll(async () => {
  await startEngine('wasm');
});

function normals(seed: number, shape: number[]): { data: Float32Array; shape: number[] } {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillNormals(data, 0, data.length, seed, 0, 0, 0);
  return { data, shape };
}

/** The values of the tensors that a function makes, computed by one engine. */
async function on(engine: 'wasm' | 'cpu', fn: () => tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(engine);
  const before = tf.memory().numTensors;
  const results = tf.tidy(() => fn().map((tensor) => tensor.dataSync<'float32'>().slice()) as unknown as tf.TensorContainer) as unknown as Float32Array[];
  expect(tf.memory().numTensors).toBe(before);
  return results;
}

function expectClose(found: readonly Float32Array[], expected: readonly Float32Array[]): void {
  expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  found.forEach((values, k) => {
    const scale = Math.max(1, ...expected[k]!.map(Math.abs));
    const worst = values.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[k]![i]!)), 0);
    expect(worst / scale).toBeLessThan(3e-6);
  });
}

test('a network and its gradients are those of the composed operations, whatever the shapes', async () => {
  const shapes = fc.record({ rows: fc.integer({ min: 1, max: 37 }), inputs: fc.integer({ min: 1, max: 9 }), outputs: fc.integer({ min: 1, max: 11 }), width: fc.integer({ min: 1, max: 35 }), blocks: fc.integer({ min: 1, max: 2 }), times: fc.constantFrom(1, 2), together: fc.boolean() });
  await fc.assert(fc.asyncProperty(shapes, async ({ rows, inputs, outputs, width, blocks, times, together }) => {
    const net = createMlp({ kind: 'mlp', width, blocks }, { inputs: [inputs], outputs, lambdas: times });
    const layout = new ParameterLayout(net.specs);
    const flat = normals(1, [layout.size]);
    const [x, e, dy] = [normals(2, [rows, inputs]), normals(3, [together ? 1 : rows, 9 * times]), normals(4, [rows, outputs])];
    const make = ({ data, shape }: typeof x): tf.Tensor => tf.tensor(data, shape);
    const run = (): tf.Tensor[] => {
      const pieces = layout.split(tf.tensor1d(flat.data.map((v) => 0.3 * v)));
      const apply = (input: tf.Tensor, ...p: tf.Tensor[]): tf.Tensor => net.apply(layout.weights(p), [input], tf.tensor2d(e.data, e.shape as [number, number]));
      return [apply(make(x), ...pieces), ...tf.grads((...args: tf.Tensor[]) => apply(args[0]!, ...args.slice(1)))([make(x), ...pieces], make(dy))];
    };
    expectClose(await on('wasm', run), await on('cpu', run));
  }), { numRuns: 40 });
});

test('an item is computed to the same bits in a batch of any size', async () => {
  const layer = (rows: number): Promise<Float32Array[]> => on('wasm', () => {
    const x = tf.tensor2d(normals(1, [700, 5]).data, [700, 5]);
    const [weight, bias] = [normals(2, [5, 19]), normals(3, [19])];
    return [fusedDense({ x: tf.slice(x, [0, 0], [rows, 5]), weight: tf.tensor2d(weight.data, [5, 19]), bias: tf.tensor1d(bias.data), silu: true, residual: false })!];
  });
  const [all] = await layer(700);
  for (const rows of [1, 2, 3, 4, 5, 255, 257, 511]) expect((await layer(rows))[0]).toEqual(all!.slice(0, rows * 19));
});

test('products of matrices, transposed or not and in batches, are right', async () => {
  const shapes = fc.record({ batch: fc.integer({ min: 1, max: 3 }), rows: fc.integer({ min: 1, max: 21 }), inner: fc.integer({ min: 1, max: 21 }), columns: fc.integer({ min: 1, max: 21 }), a: fc.boolean(), b: fc.boolean() });
  await fc.assert(fc.asyncProperty(shapes, async ({ batch, rows, inner, columns, a, b }) => {
    const [left, right] = [normals(1, [batch, ...(a ? [inner, rows] : [rows, inner])]), normals(2, [batch, ...(b ? [columns, inner] : [inner, columns])])];
    const run = (): tf.Tensor[] => [tf.matMul(tf.tensor(left.data, left.shape), tf.tensor(right.data, right.shape), a, b)];
    expectClose(await on('wasm', run), await on('cpu', run));
  }), { numRuns: 60 });
});

test('SiLU is exact to rounding from −100 to 100, and what is not a number stays none', async () => {
  const x = Float32Array.from({ length: 40_003 }, (_, i) => (i - 20_000) / 200);
  const run = (): tf.Tensor[] => [silu(tf.tensor1d(x)), tf.grad((v: tf.Tensor) => silu(v))(tf.tensor1d(x))];
  const [y, slope] = (await on('wasm', run)) as [Float32Array, Float32Array];
  x.forEach((v, i) => {
    const s = 1 / (1 + Math.exp(-v));
    expect(Math.abs(y[i]! - v * s)).toBeLessThanOrEqual(4e-7 * Math.abs(v * s) + 1e-30);
    expect(Math.abs(slope[i]! - s * (1 + v * (1 - s)))).toBeLessThanOrEqual(1e-6);
  });
  const [odd] = await on('wasm', () => [silu(tf.tensor1d([NaN, Infinity, 1]))]);
  expect(odd![0]).toBeNaN();
  expect(odd![1]).toBe(Infinity);
});

test('Adam steps are those of the composed operations', async () => {
  const size = 1003;
  const run = (): tf.Tensor[] => {
    const start = normals(1, [size]).data;
    const variable = (values: Float32Array): tf.Variable => tf.variable(tf.tensor1d(values));
    const state = { weights: variable(start), ema: variable(start), first: variable(new Float32Array(size)), second: variable(new Float32Array(size)) };
    for (let step = 0; step < 5; step++) {
      const scalars = Object.fromEntries(Object.entries(stepScalars(step, { steps: 10, learningRate: 0.01, warmup: 2, ema: 0.9 })).map(([name, value]) => [name, tf.scalar(value as number)]));
      // Gradients on both sides of the clip.
      adamStep(state, tf.mul(tf.tensor1d(normals(2 + step, [size]).data), step % 2 === 0 ? 1 : 0.001), scalars as never, 1);
    }
    const results = Object.values(state).map((v) => tf.clone(v));
    tf.dispose(Object.values(state));
    return results;
  };
  expectClose(await on('wasm', run), await on('cpu', run));
});
