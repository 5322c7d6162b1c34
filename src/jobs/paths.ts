import * as path from 'node:path';
import { conditionTensors, drawConditions, type ItemConditions } from '../diffusion/condition';
import { simulateFinePaths, solverNodes, TRAINING_STREAM, coarseGrid, type CoarseView } from '../diffusion/fine-paths';
import { simulateLocalPairs } from '../diffusion/local-pairs';
import { fileVersions } from '../data/file-versions';
import { encodeSafetensors, type TensorData } from '../formats/safetensors';
import { SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import type { PathSet, PathShard } from '../sigdeg/path-set';
import * as tf from '../runtime/tf';
import { ShardCache } from '../store/cache';
import type { JsonValue } from '../store/hash';
import type { ResidentBudget } from '../store/shard-file';
import { taughtCondition } from './condition';
import type { JobContext, JobResult } from './context';
import { loadModel } from './model';
import { cacheDirOf, chunkSize, setupOf, type PathsConfig } from './setup';
import { runTasks } from './run-tasks';

export interface PathsTask {
  readonly type: 'paths';
  readonly runsDir: string;
  readonly teacher: string;
  readonly config: PathsConfig;
  /** Views computed together: all of them for full paths, one for local pairs. */
  readonly views: CoarseView[];
  readonly part: PathsPart;
  readonly chunk: number;
}

/** What students are trained on, and a little that they never are: the loss on it tells what was learned from what was learned by heart. */
export type PathsPart = 'training' | 'heldOut';
/** Number of the first item that is held out; those that are trained on count from 0. */
const HELD_OUT_FIRST = 2 ** 31;
/** So many training items for one that is held out. */
const HELD_OUT_SHARE = 64;
/** The fewest that are held out: of points, which say little each and cost little, more than of pictures. */
const fewestHeldOut = (itemShape: readonly number[]): number => (itemShape.length === 1 ? 256 : 16);

/** How many chunks a view has, and how many items each of them. A chunk of local pairs is over one interval, and all intervals have equally many of them. */
function chunksOf({ paths }: PathsConfig, itemShape: readonly number[], part: PathsPart, { steps }: CoarseView): { chunks: number; count: number } {
  const most = chunkSize(itemShape);
  const of = (total: number): { chunks: number; count: number } => {
    const whole = Math.ceil(total / most);
    if (paths.kind === 'full' || whole % steps === 0) return { chunks: whole, count: most };
    const chunks = Math.ceil(whole / steps) * steps;
    return { chunks, count: Math.ceil(total / chunks) };
  };
  if (part === 'training') return of(paths.count);
  const count = Math.min(most, Math.max(fewestHeldOut(itemShape), Math.ceil(paths.count / HELD_OUT_SHARE)));
  return paths.kind === 'full' ? { chunks: 1, count } : { chunks: steps, count: Math.ceil(count / steps) };
}

/** A dataset, with the versions of its files where it has some. */
function dataKey({ dataset, baseDir }: PathsConfig): object {
  const files = fileVersions(dataset, baseDir);
  return { dataset, ...(files.length > 0 && { files }) };
}

function cacheOf(runsDir: string, teacherHash: string, config: PathsConfig, part: PathsPart, view: CoarseView): ShardCache {
  const { paths, schedule, seed, views } = config;
  const { count: _, ...rest } = paths;
  // Fewer steps than the fine grid's stop at the nodes of all views.
  const nodes = paths.steps === undefined ? {} : { nodes: [...solverNodes(setupOf(config).fine, views, paths.steps)] };
  // Version 2 also has the items' classes and guidance scales.
  const condition = taughtCondition(config);
  // Local pairs begin at the data.
  const data = paths.kind === 'local' ? dataKey(config) : {};
  const { itemShape } = setupOf(config).dataset;
  const { count } = chunksOf(config, itemShape, part, view);
  const items = part === 'heldOut' ? { heldOut: count } : count === chunkSize(itemShape) ? {} : { items: count };
  const key = { type: 'paths', version: condition ? 2 : 1, teacherHash, schedule, seed, view, ...rest, ...items, ...(condition && { guidance: [...condition.guidance] }), ...nodes, ...data };
  return new ShardCache(cacheDirOf(runsDir), key as unknown as JsonValue);
}

const f32 = (shape: number[], data: Float32Array): TensorData => ({ dtype: 'F32', shape, data });
const conditionArrays = (conditions: ItemConditions | undefined): [string, TensorData][] =>
  (conditions ? [['labels', f32([conditions.labels.length], conditions.labels)], ['guidance', f32([conditions.guidance.length], conditions.guidance)]] : []);

/** Makes one chunk of paths unless the cache has it. */
export function pathsChunk({ runsDir, teacher, config, views, part, chunk }: PathsTask): void {
  const model = loadModel(runsDir, teacher, 'ema');
  const { schedule, fine, dataset } = setupOf(config);
  const { itemShape } = dataset;
  const { count } = chunksOf(config, itemShape, part, views[0]!);
  const caches = views.map((view) => cacheOf(runsDir, model.hash, config, part, view));
  if (caches.every((cache) => cache.has(chunk))) return;
  const size = sizeOf(itemShape);
  const items = { seed: config.seed, stream: TRAINING_STREAM, first: (part === 'heldOut' ? HELD_OUT_FIRST : 0) + chunk * count, count, itemShape };
  const condition = taughtCondition(config);
  if (config.paths.kind === 'full') {
    const conditions = condition && drawConditions(condition.classes, condition.guidance, items);
    const told = conditions && conditionTensors(conditions, condition.classes);
    simulateFinePaths(model.teacher, schedule, fine, items, views, config.paths.steps, told).forEach(({ states, xi }, i) => {
      const { steps, depth } = views[i]!;
      caches[i]!.write(chunk, encodeSafetensors(new Map([
        ['states', f32([count, steps + 1, size], states)],
        ['xi', f32([count, steps, depth * size], xi)],
        ...conditionArrays(conditions),
      ])));
    });
    tf.dispose({ ...told });
    return;
  }
  views.forEach((view, i) => {
    const pairs = simulateLocalPairs({ denoiser: model.teacher, dataset, schedule, fine, view, interval: chunk % view.steps, subSteps: config.paths.subSteps, seed: config.seed, first: items.first, count, condition });
    caches[i]!.write(chunk, encodeSafetensors(new Map([
      ['from', f32([count, size], pairs.from)],
      ['to', f32([count, size], pairs.to)],
      ['xi', f32([count, view.depth * size], pairs.xi)],
      ...conditionArrays(pairs.conditions),
    ]), { interval: String(pairs.interval) }));
  });
}

/** The job: every chunk of every view, in whatever processes there are. Stopped anywhere, it goes on with the chunks that are missing. */
export function pathsJob(context: JobContext): Promise<JobResult> {
  return runTasks(context, tasksOf(context, context.manifest.config as unknown as PathsConfig), 'fine paths');
}

/** Makes again what is missing of a finished run's paths: the cache may be emptied at any time to win space. */
export async function remakePaths(context: JobContext, config: PathsConfig): Promise<JobResult> {
  const missing = tasksOf(context, config).filter(({ runsDir, teacher, views, part, chunk }) => {
    const { hash } = loadModel(runsDir, teacher, 'ema');
    return !views.every((view) => cacheOf(runsDir, hash, config, part, view).has(chunk));
  });
  return missing.length === 0 ? 'done' : runTasks(context, missing, 'fine paths');
}

function tasksOf(context: JobContext, config: PathsConfig): PathsTask[] {
  const { itemShape } = setupOf(config).dataset;
  const runsDir = path.dirname(context.dir);
  const teacher = context.manifest.parents[0]!;
  const groups = config.paths.kind === 'full' ? [config.views] : config.views.map((view) => [view]);
  return (['training', 'heldOut'] as const).flatMap((part) => groups.flatMap((views) =>
    Array.from({ length: chunksOf(config, itemShape, part, views[0]!).chunks }, (_, chunk): PathsTask => ({ type: 'paths', runsDir, teacher, config, views, part, chunk }))));
}

/** A path set whose shards are still to be opened. */
export interface UnopenedPaths extends Omit<PathSet, 'shards'> {
  readonly chunks: number;
  /** Reads and checks a whole shard. @param memory shared by all the sets of a training. @throws SigdegError BAD_FILE when it is gone or damaged */
  readonly open: (chunk: number, memory: ResidentBudget) => PathShard;
}

/** The paths of a finished run for one view, those to train on or those that are held out. */
export function findPaths(runsDir: string, teacher: string, config: PathsConfig, wanted: { steps: number; grid: CoarseView['grid'] }, part: PathsPart): UnopenedPaths {
  const view = config.views.find((v) => v.steps === wanted.steps && v.grid === wanted.grid)!;
  const { steps, depth } = view;
  const model = loadModel(runsDir, teacher, 'ema');
  const { fine, dataset: { itemShape } } = setupOf(config);
  const cache = cacheOf(runsDir, model.hash, config, part, view);
  const { chunks, count } = chunksOf(config, itemShape, part, view);
  const size = sizeOf(itemShape);
  const open = (chunk: number, memory: ResidentBudget): PathShard => {
    const shard = cache.open(chunk, memory);
    if (!shard) throw new SigdegError('BAD_FILE', `${cache.dir}: paths of chunk ${chunk} are damaged: the same command again makes them anew`);
    const condition = taughtCondition(config) && { condition: { labels: shard.floats('labels', count), guidance: shard.floats('guidance', count) } };
    return config.paths.kind === 'full'
      ? { ...condition, kind: 'full', count, states: shard.floats('states', count * (steps + 1) * size), xi: shard.floats('xi', count * steps * depth * size) }
      : { ...condition, kind: 'local', count, interval: Number(shard.metadata['interval']), from: shard.floats('from', count * size), to: shard.floats('to', count * size), xi: shard.floats('xi', count * depth * size) };
  };
  return { steps, grid: view.grid, depth, nodes: coarseGrid(fine, steps, view.grid), itemShape, chunks, open };
}
