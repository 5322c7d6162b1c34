import { beforeAll, expect, test } from 'vitest';
import { coarseIndices, fineGrid } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { loadDataset } from '../../src/data/registry';
import { SimulatedPath } from '../../src/diffusion/brownian';
import { clamped, netDenoiser } from '../../src/diffusion/denoiser';
import { coarseGrid } from '../../src/diffusion/fine-paths';
import { runSampler } from '../../src/diffusion/run-sampler';
import { SOLVERS } from '../../src/diffusion/samplers/table';
import { createTeacher, teacherObjective } from '../../src/diffusion/teacher';
import { freshState, train, type TrainingState } from '../../src/nets/trainer';
import { leaveEngine } from '../../src/runtime/departures';
import { startEngine } from '../../src/runtime/engine';
import { record, recorded } from '../../src/runtime/recorded';
import * as tf from '../../src/runtime/tf';
import { trace } from '../../src/runtime/trace';
import { frameTable } from '../../src/sigdeg/frames';
import { studentSampler } from '../../src/sigdeg/sample';
import { Student } from '../../src/sigdeg/student';

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

test('what leaves the engine is neither recorded nor traced: its numbers would become constants', () => {
  const square = (x: tf.Tensor): tf.Tensor => {
    leaveEngine();
    return tf.tensor(x.dataSync<'float32'>().map((value) => value * value), x.shape);
  };
  const fn = recorded(({ x }) => [tf.add(square(x!), 1)]);
  const before = tf.memory().numTensors;
  const call = (value: number): number => tf.tidy(() => fn({ x: tf.tensor1d([value]) })[0]!.dataSync()[0]!);
  expect([call(2), call(3), call(2)]).toEqual([5, 10, 5]);
  const v = tf.tidy(() => tf.variable(tf.tensor1d([1]), false));
  const rate = tf.scalar(2);
  expect(record((inputs) => { v.assign(tf.add(v, square(inputs['rate']!))); return [tf.sum(v)]; }, { rate }, [v])).toBeUndefined();
  expect(Array.from(v.dataSync())).toEqual([1]);
  expect(() => trace(({ x }) => [square(x!)], { x: rate })).toThrow(/imported ONNX file/);
  tf.dispose([v, rate]);
  expect(tf.memory().numTensors).toBe(before);
  fn.dispose();
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

test('a recorded training takes the eager steps but for rounding, and the same steps again bit for bit', async () => {
  const dataset = loadDataset({ name: 'moons', count: 100 }, '.');
  const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
  const { net, layout } = createTeacher({ kind: 'mlp', width: 32, blocks: 2 }, [2]);
  const objective = teacherObjective({ net, prediction: 'v', dataset, schedule, tMin: 1e-3, batch: 64, seed: 0 });
  const config = { steps: 12, batch: 64, learningRate: 0.01, warmup: 5, clip: 1, ema: 0.9, checkpointEvery: 100, logEvery: 4 };
  // Objectives whose shapes vary are not recorded.
  const run = async (varyingShapes: boolean, start: TrainingState, until: number): Promise<TrainingState> => {
    let state = start;
    let step = start.step;
    await train(layout, { ...objective, varyingShapes, batch: (n) => objective.batch((step = n)) }, config, start, {
      onLoss: () => undefined,
      onCheckpoint: (s) => (state = s),
      interrupted: () => step + 1 >= until,
    });
    return state;
  };
  const [eager, once, half] = [await run(true, freshState(layout.initial(0)), 99), await run(false, freshState(layout.initial(0)), 99), await run(false, freshState(layout.initial(0)), 5)];
  const resumed = await run(false, half, 99);
  expect([eager.step, once.step, half.step, resumed.step]).toEqual([12, 12, 5, 12]);
  for (const part of ['weights', 'ema', 'first', 'second'] as const) {
    const largest = Math.max(...once[part].map(Math.abs));
    expect(Math.max(...once[part].map((v, i) => Math.abs(v - eager[part][i]!))) / largest).toBeLessThan(1e-6);
    expect(resumed[part]).toEqual(once[part]);
  }
});

test('samplers keep no tensors behind, and dispose frees what was recorded of them', () => {
  const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 100, tMin: 1e-3 });
  const grid = coarseGrid(fine, 6, 'quad');
  const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
  const config = { kind: 'mlp', width: 16, blocks: 1 } as const;
  const teacher = createTeacher(config, [2]);
  const student = new Student({ net: config, itemShape: [2], depth: 2, start: 'scratch', recurrence: 'previous' });
  const before = tf.memory().numTensors;
  const weights = [teacher.layout, student.layout].map((layout) => tf.tidy(() => layout.split(tf.tensor1d(layout.initial(1)))));
  const denoiser = netDenoiser(teacher.net, teacher.layout.weights(weights[0]!), { prediction: 'v' });
  const sampler = studentSampler(student, student.layout.weights(weights[1]!));
  const draw = (): void => {
    const path = new SimulatedPath({ seed: 3, stream: 6, first: 0, count: 16, itemShape: [2] }, coarseIndices(fine, 30, 'quad'));
    for (const solver of Object.values(SOLVERS)) tf.dispose(runSampler(solver, { denoiser: clamped(denoiser, -1, 1), schedule, grid, path, settings: { lowerOrderFinal: true } }));
    tf.dispose(sampler.sample(grid, path));
    tf.dispose(sampler.sample(coarseGrid(fine, 30, 'quad'), path));
  };
  draw();
  const after = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) draw();
  expect(tf.memory().numTensors).toBe(after);
  sampler.dispose();
  denoiser.recordings.dispose();
  tf.dispose(weights);
  expect(tf.memory().numTensors).toBe(before);
  const sessions = tf.backend() as unknown as { getNumOfSavedModels?: () => number };
  expect(sessions.getNumOfSavedModels?.() ?? 0).toBe(0);
});

test('a student of vectors takes the same steps in one call as step by step', () => {
  const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 100, tMin: 1e-3 });
  const grid = coarseGrid(fine, 6, 'quad');
  const student = new Student({ net: { kind: 'mlp', width: 16, blocks: 1 }, itemShape: [2], depth: 2, start: 'scratch', recurrence: 'previous' });
  tf.tidy(() => {
    const weights = student.layout.weights(student.layout.split(tf.tensor1d(student.layout.initial(1).map((v, i) => v + 0.02 * Math.sin(i)))));
    const sampler = studentSampler(student, weights);
    const path = new SimulatedPath({ seed: 3, stream: 6, first: 0, count: 16, itemShape: [2] }, coarseIndices(fine, 6, 'quad'));
    let x: tf.Tensor = tf.mul(path.initial(), grid.sigma[0]!);
    let carry: tf.Tensor | undefined;
    const seen: number[] = [];
    const end = sampler.sample(grid, path, (n, state) => seen.push(n, state.dataSync()[0]!));
    frameTable(grid, 'both', student.features).forEach(({ embedding, ...frame }, n) => {
      ({ x, carry } = student.step(weights, x, path.signature(n, 2), { ...frame, embedding: tf.tensor2d(embedding, [1, embedding.length]) }, carry));
      expect(seen[2 * n]).toBe(n);
      expect(seen[2 * n + 1]).toBeCloseTo(x.dataSync()[0]!, 5);
    });
    expect(tf.max(tf.abs(tf.sub(end, x))).dataSync()[0]).toBeLessThan(1e-5);
    sampler.dispose();
  });
});
