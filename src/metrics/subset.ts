/** Random subsets of a set's items. */
import { uniformInteger } from '../core/random/normal';
import { STREAM } from '../core/random/streams';

/**
 * `size` of the indices 0 … count − 1, drawn without replacement: the start of a Fisher–Yates shuffle, whose numbers are of (seed, stream subset, item =
 * place, step = `draw`). Another `draw` is another subset.
 */
export function randomIndices(count: number, size: number, seed: number, draw: number): Int32Array {
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < size; i++) {
    const j = i + uniformInteger(count - i, seed, STREAM.subset, i, draw);
    const index = indices[j]!;
    indices[j] = indices[i]!;
    indices[i] = index;
  }
  return indices.subarray(0, size);
}

/** Those items of a set [n, dimension], in this order. */
export function itemsAt(set: Float32Array, dimension: number, indices: Int32Array): Float32Array {
  const items = new Float32Array(indices.length * dimension);
  indices.forEach((index, i) => { items.set(set.subarray(index * dimension, (index + 1) * dimension), i * dimension); });
  return items;
}
