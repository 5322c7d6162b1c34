import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { fillNormals } from '../../src/core/random/normal';
import { encodeOnnx } from '../../src/formats/onnx';
import { encodeTensorboard } from '../../src/formats/tensorboard';
import { studentGraph } from '../../src/jobs/export/graphs';
import { startEngine } from '../../src/runtime/engine';
import * as tf from '../../src/runtime/tf';
import { Student, type StudentShape } from '../../src/sigdeg/student';
import { fixture, fixturePath } from './fixture';

const SHAPES: Record<string, StudentShape> = {
  mlp: { net: { kind: 'mlp', width: 8, blocks: 1 }, itemShape: [2], depth: 3, start: 'scratch', recurrence: 'shared' },
  gru: { net: { kind: 'mlp', width: 8, blocks: 1 }, itemShape: [2], depth: 2, start: 'scratch', recurrence: 'gru' },
  unet: { net: { kind: 'unet', channels: [8, 8], blocks: 1, attention: true, patch: 2 }, itemShape: [8, 8, 1], depth: 2, start: 'scratch', recurrence: 'previous' },
};

beforeAll(() => startEngine('cpu'));

function weightsOf(student: Student): ReturnType<Student['layout']['weights']> {
  const flat = new Float32Array(student.layout.size);
  // Layers that start at zero would hide what comes before them.
  fillNormals(flat, 0, flat.length, 5, 1, 0, 0);
  return student.layout.weights(student.layout.split(tf.tensor1d(flat.map((value) => 0.2 * value))));
}

/** Our files are held to what Python has read; SIGDEG_WRITE_GOLDEN=1 writes them again. */
function holdTo(file: string, bytes: Uint8Array): void {
  if (process.env['SIGDEG_WRITE_GOLDEN'] === '1') writeFileSync(fixturePath(file), bytes);
  expect(Buffer.from(bytes).equals(readFileSync(fixturePath(file)))).toBe(true);
}

test.each(Object.keys(SHAPES))('an exported %s student computes in ONNX Runtime what it computes here', (name) => {
  const student = new Student(SHAPES[name]!);
  const weights = weightsOf(student);
  holdTo(`ours-student-${name}.onnx`, encodeOnnx({ name, description: 'a test', producerVersion: '0', ...studentGraph(student, weights), metadata: { run: 'none' } }));
  if (process.env['SIGDEG_WRITE_GOLDEN'] === '1') return;
  const read = fixture('export-read-by-python.json') as { models: Record<string, Record<'inputs' | 'outputs', Record<string, { shape: number[]; values: number[] }>>> };
  const { inputs, outputs } = read.models[name]!;
  const { x, xi, embedding, carry, ...frame } = Object.fromEntries(Object.entries(inputs).map(([key, { shape, values }]) => [key, tf.tensor(values, shape)]));
  const next = student.step(weights, x!, xi!, { ...(frame as Record<'alpha' | 'sigma' | 'keep' | 'drift' | 'noise', tf.Tensor>), embedding: embedding as tf.Tensor2D }, carry);
  expect(x!.shape[0]).toBe(5);
  for (const [key, tensor] of [['x_next', next.x], ['carry_next', next.carry]] as const) {
    if (tensor === undefined) continue;
    const expected = outputs[key]!.values;
    tensor.dataSync<'float32'>().forEach((value, i) => { expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected[i]!))); });
  }
});

test('TensorBoard reads the events that we write', () => {
  const png = readFileSync(fixturePath('pixel.png'));
  const time = 1.7e12;
  const points = [{ tag: 'train.loss', step: 25, time, value: 0.5 }, { tag: 'train.loss', step: 50, time: time + 1000, value: 0.25 }, { tag: 'samples', step: 50, time, png }];
  holdTo('ours.tfevents', encodeTensorboard(points, time));
  if (process.env['SIGDEG_WRITE_GOLDEN'] === '1') return;
  const { tensorboard } = fixture('export-read-by-python.json') as { tensorboard: unknown };
  expect(tensorboard).toEqual({ scalars: { 'train.loss': [[1.7e9, 25, 0.5], [1.7e9 + 1, 50, 0.25]] }, images: { samples: [[50, 2, 3]] } });
});
