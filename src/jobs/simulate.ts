import { coarseIndices, coarsen, type GridKind, type TimeGrid } from '../core/grid';
import { STREAM } from '../core/random/streams';
import { explodes } from '../core/schedule';
import { FineNoise, SharedPath, SimulatedPath, type BrownianPath, type NoiseDemand, type PathItems } from '../diffusion/brownian';
import { conditionTensors } from '../diffusion/condition';
import { clamped } from '../diffusion/denoiser';
import { demandsOf, runSampler } from '../diffusion/run-sampler';
import { noiseSettings, SAMPLERS, STUDENT_SAMPLER, type SamplerName } from '../diffusion/samplers/names';
import type { OnStep, SamplerInput, SamplerSettings } from '../diffusion/samplers/sampler';
import { SOLVERS } from '../diffusion/samplers/table';
import { SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors';
import type { Condition } from '../nets/condition';
import * as tf from '../runtime/tf';
import type { ShardCache } from '../store/cache';
import type { EvaluationRow } from '../store/evaluation-row';
import { choiceCache } from './choice-cache';
import { classesOf, itemConditions, type SampleCondition } from './condition';
import { flowCache, FlowRecorder, hasFlow } from './flow';
import { openNoise, startingAt, type GivenNoise } from './given-noise';
import { loadModel, type LoadedModel } from './model';
import { chunkSize, setupOf } from './setup';
import type { WeightsKind } from './trained-checkpoint';

/** How samples are drawn: everything that decides which numbers come out, but for the items. */
export interface SamplingChoice {
  readonly model: string;
  readonly weights: WeightsKind;
  readonly sampler: SamplerName;
  readonly steps: number;
  readonly grid: GridKind;
  readonly lowerOrderFinal: boolean;
  readonly clamp: boolean;
  /** Of the samplers that have them; their usual values where they are left out. */
  readonly eta?: number | undefined;
  readonly churn?: number | undefined;
  readonly brownian: 'shared' | 'simulated';
  readonly seed: number;
  readonly noise?: GivenNoise | undefined;
  /** Of a class-conditional model. */
  readonly condition?: SampleCondition | undefined;
}

/** Choices that share their items, and so their noise. */
export interface SimulateTask {
  readonly type: 'simulate';
  readonly runsDir: string;
  readonly choices: readonly SamplingChoice[];
  readonly chunk: number;
  /** Keeps the way of 2-D samples, too. */
  readonly recordFlow?: true;
}

/** Above this many steps a sampler is asked for its noise as it goes: all of it at once would be as large as the fine noise. */
const MOST_PREPARED_STEPS = 100;

const samplesCache = (runsDir: string, choice: SamplingChoice, model: LoadedModel): ShardCache => choiceCache(runsDir, { type: 'samples', version: 1 }, choice, model);

/** Draws one chunk of items for every choice whose samples are not in the cache. */
export function simulateChunk({ runsDir, choices, chunk, recordFlow }: SimulateTask): void {
  const { dataset, fine } = setupOf(loadModel(runsDir, choices[0]!.model, choices[0]!.weights).config);
  const count = chunkSize(dataset.itemShape);
  const items: PathItems = { seed: choices[0]!.seed, stream: STREAM.sampling, first: chunk * count, count, itemShape: dataset.itemShape };
  const noise = new FineNoise(fine, items);
  const lacksFlow = (choice: SamplingChoice, model: LoadedModel): boolean => recordFlow === true && hasFlow(choice, dataset.itemShape, fine.steps) && !flowCache(runsDir, choice, model).has(chunk);
  const missing = choices.filter((choice) => {
    const model = loadModel(runsDir, choice.model, choice.weights);
    return !samplesCache(runsDir, choice, model).has(chunk) || lacksFlow(choice, model);
  });
  noise.prepare(missing.filter(({ brownian, steps }) => brownian === 'shared' && steps <= MOST_PREPARED_STEPS).flatMap((choice) => demandsOfChoice(runsDir, choice, fine)));
  for (const choice of missing) {
    const model = loadModel(runsDir, choice.model, choice.weights);
    const indices = coarseIndices(fine, choice.steps, choice.grid);
    const grid = coarsen(fine, indices);
    const own = choice.brownian === 'shared' ? new SharedPath(noise, indices) : new SimulatedPath(items, indices);
    const path = choice.noise ? startingAt(own, openNoise(choice.noise, dataset.itemShape), items.first, grid.sigma[0]!) : own;
    const recorder = lacksFlow(choice, model) ? new FlowRecorder(grid, path, explodes(model.config.schedule.name)) : undefined;
    const started = performance.now();
    const condition = conditionOfItems(model, choice, items);
    const x = draw(model, choice, { grid, within: { fine, indices }, condition }, path, recorder?.onStep);
    tf.dispose({ ...condition });
    const data = x.dataSync<'float32'>().slice();
    x.dispose();
    const seconds = (performance.now() - started) / 1000;
    const bytes = encodeSafetensors(new Map([['samples', { dtype: 'F32', shape: [count, ...dataset.itemShape], data }]]), { seconds: String(seconds) });
    samplesCache(runsDir, choice, model).write(chunk, bytes);
    if (recorder) flowCache(runsDir, choice, model).write(chunk, recorder.encode());
  }
}

/** What a choice's sampler will ask of the noise. */
function demandsOfChoice(runsDir: string, choice: SamplingChoice, fine: TimeGrid): NoiseDemand[] {
  const model = loadModel(runsDir, choice.model, choice.weights);
  const indices = coarseIndices(fine, choice.steps, choice.grid);
  if (choice.sampler === STUDENT_SAMPLER) return [{ indices, clock: 'theta', depth: model.student?.model.termsAt(choice.steps) ?? 1 }];
  const { schedule } = setupOf(model.config);
  return demandsOf(SOLVERS[choice.sampler], { schedule, grid: coarsen(fine, indices), within: { fine, indices }, settings: settingsOf(choice) }, indices);
}

/** What rows say of a choice beside its grid. */
export function settingsOfChoice({ lowerOrderFinal, clamp, condition, ...rest }: Omit<SamplingChoice, 'seed'>): EvaluationRow['settings'] {
  return { lowerOrderFinal, clamp, ...noiseSettings(rest), ...(condition && { guidance: condition.guidance }) };
}

const settingsOf = ({ lowerOrderFinal, eta, churn }: SamplingChoice): SamplerSettings => ({ lowerOrderFinal, eta, churn });

/** What a conditional model is told of some items; a teacher's guidance of 1 is none, a student is always told it. */
function conditionOfItems(model: LoadedModel, { condition, sampler }: SamplingChoice, items: PathItems): Condition | undefined {
  const classes = classesOf(model.config)?.length;
  if (classes === undefined || condition === undefined) return undefined;
  const { labels, guidance } = itemConditions(condition, classes, items);
  return conditionTensors({ labels, guidance: sampler === STUDENT_SAMPLER || condition.guidance !== 1 ? guidance : undefined }, classes);
}

function draw(model: LoadedModel, choice: SamplingChoice, grids: Pick<SamplerInput, 'grid' | 'within' | 'condition'>, path: BrownianPath, onStep?: OnStep): tf.Tensor {
  if (choice.sampler === STUDENT_SAMPLER) {
    if (!model.student) throw new SigdegError('BAD_USAGE', `${choice.model} is a teacher: the sampler ${STUDENT_SAMPLER} needs a student`);
    return model.student.sampler.sample(grids.grid, path, onStep, grids.condition);
  }
  const { schedule } = setupOf(model.config);
  const denoiser = choice.clamp ? clamped(model.teacher, -1, 1) : model.teacher;
  return runSampler(SOLVERS[choice.sampler], { denoiser, schedule, ...grids, path, settings: settingsOf(choice) }, onStep);
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

/**
 * The tasks that make the first n samples of some choices: one a chunk for all that share a seed, but for those of many steps, which are work enough.
 * @param flowSeed the seed under which the way of 2-D samples is kept, too.
 */
export function sampleTasks(runsDir: string, choices: readonly SamplingChoice[], n: number, itemShape: readonly number[], flowSeed?: number): SimulateTask[] {
  const groups = new Map<string, SamplingChoice[]>();
  for (const choice of choices) {
    const key = choice.steps > MOST_PREPARED_STEPS ? JSON.stringify(choice) : String(choice.seed);
    groups.set(key, [...(groups.get(key) ?? []), choice]);
  }
  const chunks = Array.from({ length: Math.ceil(n / chunkSize(itemShape)) }, (_, chunk) => chunk);
  return [...groups.values()].flatMap((group) => chunks.map((chunk): SimulateTask => ({ type: 'simulate', runsDir, choices: group, chunk, ...(chunk === 0 && group[0]!.seed === flowSeed ? { recordFlow: true } : {}) })));
}

export const followsPath = (sampler: SamplerName): boolean => SAMPLERS[sampler].kind === 'sde';
