import { beforeAll, expect, test } from 'vitest';
import { ParameterLayout } from '../../src/nets/parameters';
import { meanLoss, type Objective } from '../../src/nets/trainer';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';

beforeAll(async () => { await startEngine('cpu'); });

test('the mean loss is that of the first batches with the given weights, and keeps no tensor', () => {
  const layout = new ParameterLayout([{ name: 'w', shape: [2], init: { constant: 0 } }]);
  const asked: number[] = [];
  const objective: Objective = {
    batch(step) {
      asked.push(step);
      return { x: { shape: [2], data: Float32Array.of(step, 1) } };
    },
    loss: (weights, { x }) => tf.sum(tf.mul(weights('w'), x!)),
  };
  const before = tf.memory().numTensors;
  // 3 · step + 4 at steps 0, 1, 2.
  expect(meanLoss(layout, objective, Float32Array.of(3, 4), 3)).toBeCloseTo(7, 6);
  expect(asked).toEqual([0, 1, 2]);
  expect(tf.memory().numTensors).toBe(before);
});
