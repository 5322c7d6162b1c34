import { coarseIndices, coarsen, type GridKind } from '../core/grid';
import { STREAM } from '../core/random/streams';
import { SharedPath, SimulatedPath, type PathItems } from '../diffusion/brownian';
import { clamped } from '../diffusion/denoiser';
import { runSampler } from '../diffusion/run-sampler';
import { SAMPLERS, STUDENT_SAMPLER, type SamplerName } from '../diffusion/samplers/names';
import { SOLVERS } from '../diffusion/samplers/table';
import { SigdegError } from '../core/errors';
import { sizeOf } from '../nets/parameters';
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors';
import { sampleStudent } from '../sigdeg/sample';
import { ShardCache } from '../store/cache';
import { loadModel, type LoadedModel, type WeightsKind } from './model';
import { cacheDirOf, chunkSize, setupOf } from './setup';

/** How samples are drawn: everything that decides which numbers come out, but for the items. */
export interface SamplingChoice {
  readonly model: string;
  readonly weights: WeightsKind;
  readonly sampler: SamplerName;
  readonly steps: number;
  readonly grid: GridKind;
  readonly lowerOrderFinal: boolean;
  readonly clamp: boolean;
  readonly brownian: 'shared' | 'simulated';
  readonly seed: number;
}

export interface SimulateTask {
  readonly type: 'simulate';
  readonly runsDir: string;
  readonly choice: SamplingChoice;
  readonly chunk: number;
}

/** Where the chunks of a choice are kept: by the weights' hash, so that two runs of equal weights share them. */
export function samplesCache(runsDir: string, choice: SamplingChoice, model: LoadedModel): ShardCache {
  const { model: _, ...rest } = choice;
  const key = { type: 'samples', version: 1, weightsHash: model.hash, schedule: model.config.schedule, ...rest };
  return new ShardCache(cacheDirOf(runsDir), key);
}

/** Draws one chunk of items unless it is in the cache. */
export function simulateChunk({ runsDir, choice, chunk }: SimulateTask): void {
  const model = loadModel(runsDir, choice.model, choice.weights);
  const cache = samplesCache(runsDir, choice, model);
  if (cache.has(chunk)) return;
  const { schedule, fine, dataset } = setupOf(model.config);
  const count = chunkSize(dataset.itemShape);
  const items: PathItems = { seed: choice.seed, stream: STREAM.sampling, first: chunk * count, count, itemShape: dataset.itemShape };
  const indices = coarseIndices(fine, choice.steps, choice.grid);
  const grid = coarsen(fine, indices);
  const path = choice.brownian === 'shared' ? new SharedPath(fine, indices, items) : new SimulatedPath(items);
  const started = performance.now();
  const x = draw(model, choice, grid, path, schedule);
  const data = x.dataSync<'float32'>().slice();
  x.dispose();
  const seconds = (performance.now() - started) / 1000;
  cache.write(chunk, encodeSafetensors(new Map([['samples', { dtype: 'F32', shape: [count, ...dataset.itemShape], data }]]), { seconds: String(seconds) }));
}

function draw(model: LoadedModel, choice: SamplingChoice, grid: Parameters<typeof sampleStudent>[2], path: SharedPath | SimulatedPath, schedule: ReturnType<typeof setupOf>['schedule']): ReturnType<typeof sampleStudent> {
  if (choice.sampler === STUDENT_SAMPLER) {
    if (!model.student) throw new SigdegError('BAD_USAGE', `${choice.model} is a teacher: the sampler ${STUDENT_SAMPLER} needs a student`);
    const { model: student, weights, teacherX0 } = model.student;
    return sampleStudent(student, weights, grid, path, teacherX0);
  }
  const denoiser = choice.clamp ? clamped(model.teacher, -1, 1) : model.teacher;
  return runSampler(SOLVERS[choice.sampler], { denoiser, schedule, grid, path, settings: { lowerOrderFinal: choice.lowerOrderFinal } });
}

/** The first n samples of a choice from the cache, flat, in model units, and the seconds that their chunks took. */
export function readSamples(runsDir: string, choice: SamplingChoice, n: number): { samples: Float32Array; seconds: number } {
  const model = loadModel(runsDir, choice.model, choice.weights);
  const { dataset } = setupOf(model.config);
  const cache = samplesCache(runsDir, choice, model);
  const size = sizeOf(dataset.itemShape);
  const perChunk = chunkSize(dataset.itemShape);
  const samples = new Float32Array(n * size);
  let seconds = 0;
  for (let chunk = 0; chunk * perChunk < n; chunk++) {
    const bytes = cache.read(chunk);
    if (!bytes) throw new SigdegError('BAD_FILE', `${cache.dir}: samples of chunk ${chunk} are missing or damaged: run the same command again`);
    const { tensors, metadata } = decodeSafetensors(bytes, cache.dir);
    const part = tensors.get('samples')!.data as Float32Array;
    const at = chunk * perChunk * size;
    samples.set(part.subarray(0, Math.min(part.length, samples.length - at)), at);
    seconds += Number(metadata['seconds']);
  }
  return { samples, seconds };
}

/** The tasks that make the first n samples of a choice. */
export function sampleTasks(runsDir: string, choice: SamplingChoice, n: number, itemShape: readonly number[]): SimulateTask[] {
  return Array.from({ length: Math.ceil(n / chunkSize(itemShape)) }, (_, chunk) => ({ type: 'simulate', runsDir, choice, chunk }));
}

/** The seed of the evaluation's k-th set: far from the seeds that a user would pick for pictures. */
export const evaluationSeed = (seed: number, k: number): number => seed + 1_000_003 * (k + 1);

export const followsPath = (sampler: SamplerName): boolean => SAMPLERS[sampler].kind === 'sde';
