import { SigdegError } from '../core/errors';
import { uniformInteger } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import { sizeOf } from '../core/shape';
import type { Dataset } from '../data/dataset';

/** @throws SigdegError BAD_CONFIG when a dataset has too few items for such sets */
export function checkDataSets({ count, name }: Pick<Dataset, 'count' | 'name'>, sets: number, n: number): void {
  if (count === 0) throw new SigdegError('BAD_CONFIG', 'evaluation.toData: expected a dataset, and this teacher came without one: leave it out (--to-data), or import the teacher with --data');
  if (sets * n > count) throw new SigdegError('BAD_CONFIG', `evaluation.toData: expected at most ${Math.floor(count / sets)} samples a set (${sets} sets that share no item of ${name}, which has ${count}), found ${n}: lower evaluation.count`);
}

/**
 * Sets of `n` items of a dataset that have no item in common, [n, …item] flat: consecutive stretches of one random order of all items (Fisher and Yates).
 * @throws SigdegError BAD_CONFIG when the dataset has too few items
 */
export function dataSets(dataset: Dataset, sets: number, n: number, seed: number): Float32Array[] {
  checkDataSets(dataset, sets, n);
  const { count, itemShape } = dataset;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const size = sizeOf(itemShape);
  return Array.from({ length: sets }, (_, k) => {
    const samples = new Float32Array(n * size);
    for (let i = 0; i < n; i++) {
      const at = k * n + i;
      const other = at + uniformInteger(count - at, seed, STREAM.subset, at, 0);
      [order[at], order[other]] = [order[other]!, order[at]!];
      dataset.fill(samples, i * size, order[at]);
    }
    return samples;
  });
}
