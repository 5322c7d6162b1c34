/** The editor asks what the command line's refusal names, so these are the refusals themselves. */
import { expect, test } from 'vitest';
import { SigdegError } from '../../src/core/errors';
import { namesIn, questionOf } from '../../src/extension/import-questions';
import { readDiffusersFolder } from '../../src/jobs/diffusers-folder';
import { choosePorts, type PortWishes } from '../../src/jobs/onnx-ports';
import type { OnnxValueInfo } from '../../src/runtime/onnx-session';
import { fixturePath } from '../golden/fixture';

/** As a job ends with it. */
function errorOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SigdegError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

const value = (name: string, type: OnnxValueInfo['type'], ...shape: (number | string)[]): OnnxValueInfo => ({ name, type, shape });
const [image, time] = [value('sample', 'float32', 'batch', 1, 8, 8), value('timestep', 'int64', 'batch')];
const refused = (inputs: readonly OnnxValueInfo[], outputs: readonly OnnxValueInfo[] = [image], wishes: PortWishes = { inputs: {} }): string => errorOf(() => choosePorts({ inputs, outputs }, wishes, '/a folder/model.onnx'));

test('every refusal of an ONNX file names the option that is asked for next, and what there is to choose', () => {
  const two = refused([image, value('other image', 'float32', 'batch', 1, 8, 8), time]);
  expect(questionOf(two)).toBe('input-names');
  expect(namesIn(two, 'inputs')).toEqual([{ name: 'sample', detail: 'float32 [batch, 1, 8, 8]' }, { name: 'other image', detail: 'float32 [batch, 1, 8, 8]' }, { name: 'timestep', detail: 'int64 [batch]' }]);
  expect(namesIn(two, 'outputs').map(({ name }) => name)).toEqual(['sample']);
  expect(questionOf(refused([image, time], [image, value('variance', 'float32', 'batch', 1, 8, 8)]))).toBe('output-name');
  expect(questionOf(refused([value('sample', 'float32', 'batch', 1, 'h', 'w'), time]))).toBe('shape');
  expect(questionOf(refused([value('sample', 'float32', 'batch', 3, 8, 3), time]))).toBe('layout');
});

test('a folder with classes asks for one, and what is no question is none', () => {
  expect(questionOf(errorOf(() => readDiffusersFolder(fixturePath('unet2d/classes'), {})))).toBe('class');
  expect(questionOf('BAD_USAGE: m.onnx: expected --schedule NAME (linear), as in linear,trainSteps=1000, or --scheduler scheduler_config.json: the noise levels')).toBe('schedule');
  expect(questionOf('BAD_USAGE: m.onnx: expected --prediction epsilon, v or x0: what the output «out» is')).toBe('prediction');
  expect(questionOf('BAD_USAGE: m.onnx: expected --time index, t, sigma or log-snr: what the input «t» is told')).toBe('time');
  expect(questionOf('BAD_FILE: m.onnx: expected --shape')).toBeUndefined();
  expect(questionOf('NO_ENGINE: «sigdeg runtime install --onnx» fetches it')).toBeUndefined();
});
