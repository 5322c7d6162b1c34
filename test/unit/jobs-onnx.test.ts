import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeOnnx } from '../../src/formats/onnx';
import { readOnnxHead } from '../../src/formats/onnx-head';
import { choosePorts, parseNames, parseShape, type PortWishes } from '../../src/jobs/onnx-ports';
import { parseSchedule } from '../../src/jobs/onnx-schedule';
import type { OnnxType, OnnxValueInfo } from '../../src/runtime/onnx-session';
import { refusal } from '../support/refusal';

const file = readFileSync('test/golden/fixtures/onnx/denoiser.onnx');

test('the head of a file tells what its maker wrote; a cut anywhere and other bytes are refused', () => {
  const own = encodeOnnx({ name: 'a', description: '', producerVersion: '0', inputs: [], outputs: [], nodes: [], initializers: [{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }], metadata: { run: 'x', 'a key': 'ä value' } });
  expect(readOnnxHead(own, 'own')).toEqual({ metadata: { run: 'x', 'a key': 'ä value' }, externalData: false });
  expect(readOnnxHead(file, 'theirs')).toEqual({ metadata: {}, externalData: false });
  fc.assert(fc.property(fc.integer({ min: 0, max: file.length - 30 }), (end) => { expect(refusal(() => readOnnxHead(file.subarray(0, end), 'cut'))).toMatch(/^BAD_FILE cut: expected an ONNX model, found/); }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => { expect(refusal(() => readOnnxHead(bytes, 'noise'))).toMatch(/^BAD_FILE|^taken/); }));
  expect(refusal(() => readOnnxHead(Buffer.from('{"_class_name": "UNet2DModel"}'), 'json'))).toMatch(/^BAD_FILE/);
});

test('weights in other files are seen', () => {
  // TensorProto { data_location: EXTERNAL } in a graph, in a model of version 8.
  const bytes = Uint8Array.of(0x08, 8, 0x3a, 4, 0x2a, 2, 0x70, 1);
  expect(readOnnxHead(bytes, 'external').externalData).toBe(true);
});

const value = (name: string, shape: readonly (number | string)[], type: OnnxType = 'float32'): OnnxValueInfo => ({ name, type, shape });
const choose = (inputs: OnnxValueInfo[], outputs: OnnxValueInfo[], wishes: Partial<PortWishes> = {}): unknown => choosePorts({ inputs, outputs }, { inputs: {}, ...wishes }, 'm');
const image = value('sample', ['b', 1, 28, 28]);
const time = value('timestep', ['b'], 'int64');
const out = value('out', ['b', 1, 28, 28]);

test('what has one choice is found', () => {
  expect(choose([time, image], [out])).toMatchObject({ inputs: { x: 'sample', time: 'timestep' }, output: 'out', layout: 'nchw', shape: [28, 28, 1] });
  expect(choose([value('x', ['b', 'h', 'w', 3]), time], [out], { shape: [8, 8, 3] })).toMatchObject({ layout: 'nhwc', shape: [8, 8, 3] });
  expect(choose([value('t', ['b', 1]), value('x', ['b', 2])], [value('a', ['b', 2]), value('s', [])])).toMatchObject({ inputs: { x: 'x', time: 't' }, output: 'a', shape: [2] });
  expect(choose([image, time, value('a', []), value('s', [])], [out], { inputs: parseNames('time=timestep,alpha=a,sigma=s') })).toMatchObject({ inputs: { x: 'sample', time: 'timestep', alpha: 'a', sigma: 's' } });
});

test('what has several is asked for in one line with what the file has', () => {
  const has = /it has the inputs sample float32 \[b, 1, 28, 28\].*and the outputs out float32/;
  const two = [image, time, value('class', ['b'], 'int64')];
  for (const [wanted, refused] of [
    [/--input-names time=NAME/, refusal(() => choose(two, [out]))],
    [/found also class int64 \[b\]; export the model with these fixed/, refusal(() => choose(two, [out], { inputs: { time: 'timestep' } }))],
    [/an input of the model in --input-names, found «y»/, refusal(() => choose([image, time], [out], { inputs: { x: 'y' } }))],
    [/an output of the model in --output-name, found «y»/, refusal(() => choose([image, time], [out], { output: 'y' }))],
    [/--output-name NAME/, refusal(() => choose([image, time], [out, value('other', ['b', 1, 28, 28])]))],
    [/a --shape that fits «sample», found 27,28,1/, refusal(() => choose([image, time], [out], { shape: [27, 28, 1] }))],
  ] as const) {
    expect(refused).toMatch(/^BAD_USAGE m: expected /);
    expect(refused).toMatch(wanted);
    expect(refused).toMatch(has);
  }
  expect(refusal(() => choose([value('sample', ['b', 'c', 'h', 'w']), time], [out]))).toMatch(/expected --shape/);
  expect(refusal(() => choose([value('sample', ['b', 3, 3, 3]), time], [out]))).toMatch(/expected --layout nchw or nhwc/);
  expect(refusal(() => choose([value('sample', ['b', 3, 8, 8, 8]), time], [out], { inputs: { x: 'sample' } }))).toMatch(/^UNSUPPORTED .*vectors .*images/);
});

test('flags are read, and what is wrong in them is said', () => {
  expect(parseSchedule('linear,trainSteps=24,betaEnd=0.4')).toEqual({ name: 'discrete', betas: 'linear', betaStart: 1e-4, betaEnd: 0.4, trainSteps: 24, zeroTerminalSnr: false });
  expect(parseSchedule('vp-linear,betaMax=18')).toMatchObject({ name: 'vp-linear', betaMin: 0.1, betaMax: 18, fineSteps: 1000 });
  expect(parseSchedule('edm,sigmaMax=40')).toEqual({ name: 'edm', sigmaMax: 40, betaMin: 0.1, betaMax: 20, tMin: 0.001, fineSteps: 1000 });
  expect(refusal(() => parseSchedule('lineer'))).toMatch(/^BAD_USAGE .*did you mean 'linear'/);
  expect(refusal(() => parseSchedule('linear,steps=3'))).toMatch(/^BAD_USAGE --schedule: steps: unknown key/);
  expect(refusal(() => parseSchedule('linear,trainSteps=x'))).toMatch(/^BAD_USAGE --schedule: trainSteps: expected an integer/);
  expect(refusal(() => parseNames('x=a,y=b'))).toMatch(/^BAD_USAGE --input-names/);
  expect(parseShape('28,28,1')).toEqual([28, 28, 1]);
  for (const text of ['', '28x28', '1,2', '0']) expect(refusal(() => parseShape(text))).toMatch(/^BAD_USAGE --shape/);
});
