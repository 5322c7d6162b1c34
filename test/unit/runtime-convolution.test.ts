import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { fillNormals } from '../../src/core/random/normal';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';

beforeAll(async () => {
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

const normals = (shape: number[], item: number): tf.Tensor4D => {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillNormals(values, 0, values.length, 1, 1, item, 0);
  return tf.tensor4d(values, shape as [number, number, number, number]);
};

test('the gradients of a convolution, which is linear in its input and in its filter, are its values in every direction', () => {
  const dimensions = { height: fc.integer({ min: 3, max: 9 }), width: fc.integer({ min: 3, max: 9 }), kernel: fc.constantFrom(1, 2, 3), stride: fc.constantFrom(1, 2, 3), pad: fc.constantFrom('same' as const, 'valid' as const) };
  fc.assert(fc.property(fc.record(dimensions), ({ height, width, kernel, stride, pad }) => {
    // Where steps leave pixels out, WebAssembly's 'same' begins elsewhere than tfjs says.
    fc.pre(pad === 'valid' || stride <= kernel);
    tf.tidy(() => {
      const [x, v] = [normals([2, height, width, 3], 0), normals([2, height, width, 3], 1)];
      const [w, u] = [normals([kernel, kernel, 3, 4], 2), normals([kernel, kernel, 3, 4], 3)];
      const weights = normals(tf.conv2d(x, w, stride, pad).shape, 4);
      const f = (input: tf.Tensor, filter: tf.Tensor): tf.Scalar => tf.sum(tf.mul(tf.conv2d(input as tf.Tensor4D, filter as tf.Tensor4D, stride, pad), weights));
      const [dx, dw] = tf.grads(f)([x, w]) as [tf.Tensor, tf.Tensor];
      const value = (t: tf.Tensor): number => t.dataSync()[0]!;
      const tolerance = 1e-4 * height * width;
      expect(Math.abs(value(tf.sum(tf.mul(dx, v))) - value(f(v, w)))).toBeLessThan(tolerance);
      expect(Math.abs(value(tf.sum(tf.mul(dw, u))) - value(f(x, u)))).toBeLessThan(tolerance);
    });
  }), { numRuns: 60, seed: 7 });
});
