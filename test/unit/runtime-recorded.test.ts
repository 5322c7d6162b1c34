import { beforeAll, expect, test } from 'vitest';
import { createSchedule } from '../../src/core/schedule';
import { loadDataset } from '../../src/data/registry';
import { createTeacher, teacherObjective } from '../../src/diffusion/teacher';
import { freshState, train, type TrainingState } from '../../src/nets/trainer';
import { startEngine } from '../../src/runtime/engine';
import { record, recorded } from '../../src/runtime/recorded';
import * as tf from '../../src/runtime/tf';

const engine = (process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm') as 'wasm';

beforeAll(async () => {
  await startEngine(engine);
});

test('a recorded function gives what the function itself gives, for every shape that it is called with', () => {
  const weights = tf.tensor2d([1, -2, 3, 0.5], [2, 2]);
  let executions = 0;
  const fn = recorded(({ x, factor }) => {
    executions++;
    return [tf.sigmoid(tf.mul(tf.matMul(x as tf.Tensor2D, weights), factor!)), tf.sum(x!)];
  });
  const call = (rows: number, factor: number): number[] => tf.tidy(() => {
    const x = tf.tensor2d(Array.from({ length: 2 * rows }, (_, i) => Math.sin(i)), [rows, 2]);
    return fn({ x, factor: tf.scalar(factor) }).flatMap((t) => Array.from(t.dataSync()));
  });
  const before = tf.memory().numTensors;
  const results = [call(3, 1), call(3, 2), call(5, 1), call(3, 1)];
  expect(results[3]).toEqual(results[0]);
  expect(results[1]).not.toEqual(results[0]);
  // Another shape may round otherwise.
  results[2]!.slice(0, 6).forEach((v, i) => { expect(v).toBeCloseTo(results[0]![i]!, 6); });
  // With graphs the function itself runs once a shape, without them every time.
  expect(executions).toBe(tf.getBackend() === 'tensorflow' ? 2 : 4);
  expect(tf.memory().numTensors).toBe(before);
  fn.dispose();
  weights.dispose();
});

test('variables change step by step as in eager execution, and sync brings them back', () => {
  const make = (): tf.Variable => tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3]), false));
  const step = (v: tf.Variable) => ({ rate }: Readonly<Record<string, tf.Tensor>>): tf.Tensor[] => {
    const norm = tf.sum(tf.square(v));
    v.assign(tf.sub(v, tf.mul(v, rate!)));
    return [norm];
  };
  const [a, b] = [make(), make()];
  const rates = [0.1, 0.01, 0.5].map((r) => tf.scalar(r));
  const recording = record(step(b), { rate: rates[0]! }, [b]);
  if (tf.getBackend() !== 'tensorflow') {
    expect(recording).toBeUndefined();
    return;
  }
  for (const rate of rates) {
    const eager = tf.tidy(() => step(a)({ rate })[0]!.dataSync()[0]);
    expect(tf.tidy(() => recording!.run({ rate })[0]!.dataSync()[0])).toBe(eager);
  }
  recording!.sync();
  expect(Array.from(b.dataSync())).toEqual(Array.from(a.dataSync()));
  recording!.dispose();
});

test('a training keeps no tensors behind and leaves the number of tensors as it was', async () => {
  const dataset = loadDataset({ name: 'moons', count: 100 }, '.');
  const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
  const { net, layout } = createTeacher({ kind: 'mlp', width: 8, blocks: 1 }, [2]);
  const objective = teacherObjective({ net, prediction: 'v', dataset, schedule, tMin: 1e-3, batch: 16, seed: 0 });
  const run = async (steps: number): Promise<{ losses: number[]; tensors: number[]; state: TrainingState }> => {
    const losses: number[] = [];
    const tensors: number[] = [];
    let state = freshState(layout.initial(0));
    await train(layout, objective, { steps, batch: 16, learningRate: 0.01, warmup: 5, clip: 1, ema: 0.9, checkpointEvery: 10, logEvery: 1 }, state, {
      onLoss: (_, loss) => {
        losses.push(loss);
        tensors.push(tf.memory().numTensors);
      },
      onCheckpoint: (s) => (state = s),
      interrupted: () => false,
    });
    return { losses, tensors, state };
  };
  const before = tf.memory().numTensors;
  const { losses, tensors } = await run(60);
  expect(tf.memory().numTensors).toBe(before);
  expect(new Set(tensors.slice(1)).size).toBe(1);
  expect(losses.slice(-10).reduce((x, y) => x + y)).toBeLessThan(losses.slice(0, 10).reduce((x, y) => x + y));
});
