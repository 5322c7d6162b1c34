import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { defaultGrid } from '../core/grid';
import { toDataUnits } from '../data/dataset';
import { noiseSettings } from '../diffusion/samplers/names';
import { encodeSafetensors } from '../formats/safetensors';
import { samplePicture } from '../report/pictures';
import { atomicWrite, makeFolder } from '../store/atomic';
import { parseConfig } from './config-errors';
import { SampleConfigSchema } from './config-evaluation';
import { conditionOf } from './condition';
import type { JobContext, JobResult } from './context';
import { openNoise } from './given-noise';
import { loadModel } from './model';
import { keepSamplePictures } from './evaluation-pictures';
import { pictureText } from './picture-text';
import { runTasks } from './run-tasks';
import { readSamples, sampleTasks, type SamplingChoice } from './simulate';
import { setupOf } from './setup';

/** Draws samples and keeps them with a picture in the run's folder. */
export async function samplesJob(context: JobContext): Promise<JobResult> {
  const { n, grid, lowerOrderFinal, clamp, class: label, guidance, ...config } = parseConfig(SampleConfigSchema, context.manifest.config, context.manifest.id);
  const runsDir = path.dirname(context.dir);
  const model = loadModel(runsDir, config.model, config.weights);
  const { dataset } = setupOf(model.config);
  const choice: SamplingChoice = {
    ...config,
    grid: grid ?? model.student?.config.student.grid ?? defaultGrid(model.config.schedule.name),
    lowerOrderFinal: lowerOrderFinal ?? true,
    clamp: clamp ?? false,
    condition: conditionOf(model.config, config.sampler, { class: label, guidance }),
  };
  const given = config.noise && openNoise(config.noise, dataset.itemShape).count;
  if (given !== undefined && given < n) throw new SigdegError('BAD_USAGE', `--noise ${config.noise!.file}: expected at least ${n} items, found ${given}: lower --n`);
  const started = performance.now();
  const result = await runTasks(context, sampleTasks(runsDir, [choice], n, dataset.itemShape), 'sampling');
  if (result === 'stopped') return result;
  const seconds = (performance.now() - started) / 1000;
  const { samples } = readSamples(runsDir, choice, n);
  const data = toDataUnits(samples, dataset.normalisation);
  const folder = path.join(context.dir, 'samples');
  makeFolder(folder);
  atomicWrite(path.join(folder, 'samples.safetensors'), encodeSafetensors(new Map([['samples', { dtype: 'F32', shape: [n, ...dataset.itemShape], data }]])));
  const text = pictureText({ dir: context.dir, models: [config.model], seeds: [config.seed], more: { sampler: config.sampler, steps: config.steps, grid: choice.grid, ...noiseSettings(choice), weights: config.weights } });
  atomicWrite(path.join(folder, 'grid.png'), samplePicture(samples, dataset.itemShape, text));
  keepSamplePictures(context, choice, n);
  context.events.append({ type: 'image', name: 'samples', step: config.steps, path: 'samples/grid.png' });
  context.events.append({ type: 'scalar', name: 'seconds', step: config.steps, value: seconds });
  return 'done';
}
