import { beforeAll, expect, test } from 'vitest';
import { groupNorm, silu } from '../../src/nets/layers';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';

beforeAll(async () => {
  await startEngine((process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm');
});

const wave = (shape: number[], phase: number): tf.Tensor => tf.tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + phase) + 0.3 * Math.cos(i * i)), shape);

/** Values and gradients of two forms of a function, weighted so that no gradient cancels. */
function difference(inputs: tf.Tensor[], ours: (...x: tf.Tensor[]) => tf.Tensor, composed: (...x: tf.Tensor[]) => tf.Tensor): number {
  const all = (fn: (...x: tf.Tensor[]) => tf.Tensor): tf.Tensor[] => {
    const value = fn(...inputs);
    return [value, ...tf.grads((...x) => tf.sum(tf.mul(fn(...x), wave(value.shape, 2))))(inputs)];
  };
  const expected = all(composed);
  return Math.max(...all(ours).map((tensor, i) => {
    expect(tensor.shape).toEqual(expected[i]!.shape);
    return tf.div(tf.max(tf.abs(tf.sub(tensor, expected[i]!))), tf.max(tf.abs(expected[i]!))).dataSync()[0]!;
  }));
}

test('the gradient of SiLU that is written out is that of x sigmoid(x)', () => {
  tf.tidy(() => {
    expect(difference([tf.mul(wave([40, 3], 0), 6)], (x) => silu(x), (x) => tf.mul(x, tf.sigmoid(x)))).toBeLessThan(3e-6);
  });
});

test.each([['for each item', 3], ['for all items', 1], ['', 0]])('the gradients of group normalisation are those of its definition, with a modulation %s', (_, rows) => {
  tf.tidy(() => {
    const x = tf.add(wave([3, 4, 5, 6], 0), 0.5);
    const modulation = rows === 0 ? [] : [wave([rows, 6], 5), wave([rows, 6], 6)];
    const composed = (input?: tf.Tensor, weight?: tf.Tensor, bias?: tf.Tensor, scale?: tf.Tensor, shift?: tf.Tensor): tf.Tensor => {
      const grouped = tf.reshape(input!, [3, 20, 2, 3]);
      const centred = tf.sub(grouped, tf.div(tf.sum(grouped, [1, 3], true), 60));
      const variance = tf.div(tf.sum(tf.square(centred), [1, 3], true), 60);
      const unit = tf.reshape(tf.div(centred, tf.sqrt(tf.add(variance, 1e-5))), [3, 4, 5, 6]);
      const y = tf.add(tf.mul(unit, weight!), bias!);
      return scale && shift ? tf.add(tf.mul(y, tf.reshape(tf.add(scale, 1), [-1, 1, 1, 6])), tf.reshape(shift, [-1, 1, 1, 6])) : y;
    };
    const ours = (input?: tf.Tensor, weight?: tf.Tensor, bias?: tf.Tensor, scale?: tf.Tensor, shift?: tf.Tensor): tf.Tensor =>
      groupNorm((name) => (name === 'n.weight' ? weight! : bias!), 'n', input as tf.Tensor4D, 2, scale && shift ? { scale, shift } : undefined);
    expect(difference([x, wave([6], 3), wave([6], 4), ...modulation], ours, composed)).toBeLessThan(2e-5);
  });
});
