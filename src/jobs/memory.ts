/** What the metric `memorised` compares with: all items that a teacher was trained on, and some of the other split, which it never saw. */
import { messageOf, SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import type { Dataset } from '../data/dataset';
import { loadDataset } from '../data/registry';
import { memoryDistance } from '../metrics/memorised';
import { nearestDistances } from '../metrics/neighbours';
import { dataSets } from './data-sets';
import type { Extractor } from './extractors';
import type { Common } from './setup';

/** Enough for 40 below the 1 % quantile. */
const HELD_OUT = 4096;
/** Items whose pixels are in memory at a time. */
const AT_ONCE = 4096;

/** How near samples are to the training data, by their features [n, dimension] flat: each one's distance to the nearest item over `memoryDistance`. */
export type Nearness = (features: Float32Array) => Float32Array;

/**
 * The items are read when the first samples are asked about.
 * @throws SigdegError BAD_CONFIG when there are no data, or none that were held out
 */
export function openMemory({ dataset: config, baseDir }: Pick<Common, 'dataset' | 'baseDir'>, dataset: Dataset, extractor: Extractor, seed: number): Nearness {
  const heldOut = otherSplit(config, baseDir);
  let known: { training: Float32Array; distance: number } | undefined;
  const { dimension } = extractor;
  return (features) => {
    known ??= remembered(dataset, heldOut, extractor, seed);
    const { training, distance } = known;
    return Float32Array.from(nearestDistances(features, training, dimension), (value) => value / distance);
  };
}

const refused = (found: string): SigdegError =>
  new SigdegError('BAD_CONFIG', `evaluation.metrics: 'memorised' needs the training data and a split that was held out (as mnist, fashion-mnist, generated sets and folders of idx files have them), found ${found}: leave the metric out`);

function otherSplit(config: Common['dataset'], baseDir: string): Dataset {
  if (config.name === 'none') throw refused('a teacher without data');
  const { count: _, ...rest } = config;
  try {
    return loadDataset({ ...rest, split: config.split === 'test' ? 'train' : 'test' }, baseDir);
  } catch (error) {
    if (error instanceof SigdegError && error.code === 'BAD_CONFIG') throw refused(messageOf(error));
    throw error;
  }
}

function remembered(dataset: Dataset, heldOut: Dataset, extractor: Extractor, seed: number): { training: Float32Array; distance: number } {
  const { count, itemShape } = dataset;
  const size = sizeOf(itemShape);
  const training = new Float32Array(count * extractor.dimension);
  for (let first = 0; first < count; first += AT_ONCE) {
    const n = Math.min(AT_ONCE, count - first);
    const items = new Float32Array(n * size);
    for (let i = 0; i < n; i++) dataset.fill(items, i * size, first + i);
    training.set(extractor.features(items), first * extractor.dimension);
  }
  const [unseen] = dataSets(heldOut, 1, Math.min(HELD_OUT, heldOut.count), seed) as [Float32Array];
  const distance = memoryDistance(extractor.features(unseen), training, extractor.dimension);
  if (!(distance > 0)) throw refused('held-out items that are copies of training items');
  return { training, distance };
}
