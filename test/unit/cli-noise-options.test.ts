/** How much noise a noisy sampler takes: by option, by config, and in what a comparison tries. */
import { expect, test } from 'vitest';
import { checkNoisySamplers, noisy } from '../../src/cli/noise-options';
import { parseConfig } from '../../src/jobs/config-errors';
import { EvaluationSection, type Evaluation } from '../../src/jobs/config-evaluation';
import { contestantsOf } from '../../src/jobs/contestants';
import { settingTitle } from '../../src/report/comparison';
import { refusal } from '../support/refusal';

test('a sampler without noise is meant with noise where some is asked for', () => {
  expect(noisy('ddim', {})).toEqual({ sampler: 'ddim' });
  expect(noisy('ddim', { eta: '0.3' })).toEqual({ sampler: 'ddim-eta', eta: 0.3 });
  expect(noisy('ddim-eta', { eta: '1' })).toEqual({ sampler: 'ddim-eta', eta: 1 });
  expect(noisy('heun', { churn: '40' })).toEqual({ sampler: 'heun-churn', churn: 40 });
});

test.each([
  ['ddim', { eta: '1.5' }, /^BAD_USAGE --eta: expected a number of at least 0 and at most 1, found '1\.5'$/],
  ['ddim', { eta: 'half' }, /^BAD_USAGE --eta: .*found 'half'$/],
  ['heun', { churn: '-1' }, /^BAD_USAGE --churn: expected a number of at least 0, found '-1'$/],
  ['heun', { churn: '' }, /^BAD_USAGE --churn/],
  ['dpmpp-2m', { eta: '0.5' }, /^BAD_USAGE --eta is of the sampler ddim-eta, and dpmpp-2m has none/],
  ['ddim', { eta: '0.5', churn: '1' }, /^BAD_USAGE --churn is of the sampler heun-churn, and ddim has none/],
] as const)('%s with %o is refused in one line', (sampler, given, words) => {
  expect(refusal(() => noisy(sampler, given))).toMatch(words);
});

test('an evaluation tries every amount of noise of the samplers that have it, and says which', () => {
  const section = (more: object): Evaluation => ({ ...parseConfig(EvaluationSection, { samplers: ['ddim-eta', 'heun-churn', 'ddim'], steps: [5], ...more }, 'evaluate'), grids: ['quad'] });
  const tried = (more: object): string[] => contestantsOf(section(more), 'teacher', [], '.', false).map(({ choice: { sampler, steps: _, grid, ...settings } }) => `${sampler} ${settingTitle({ sampler, grid, settings: settings as object as Record<string, number> })}`);
  expect(tried({})).toEqual(['ddim-eta quad, eta 0.5', 'heun-churn quad, churn 10', 'ddim quad']);
  expect(tried({ etas: [0, 1], churns: [3] })).toEqual(['ddim-eta quad, eta 0', 'ddim-eta quad, eta 1', 'heun-churn quad, churn 3', 'ddim quad']);
  expect(refusal(() => section({ etas: [2] }))).toMatch(/^BAD_CONFIG .*etas\[0\]: expected a number .*1, found 2/);
  expect(refusal(() => { checkNoisySamplers(['ddim'], { eta: '0.5' }); })).toMatch(/^BAD_USAGE --eta is of the sampler ddim-eta, which is not among --samplers/);
});
