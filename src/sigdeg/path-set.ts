import type { FloatSource } from '../core/float-source';
import type { GridKind, TimeGrid } from '../core/grid';

/** Some of the teacher's steps on one coarse grid, as arrays that may lie in a file; a path set is a list of such shards. */
export type PathShard = {
  /** Of a conditional teacher: class and guidance scale of each item [count]. */
  readonly condition?: { readonly labels: FloatSource; readonly guidance: FloatSource };
} & (
  /** Whole paths: states [count, steps + 1, size], xi [count, steps, depth · size]. */
  | { readonly kind: 'full'; readonly count: number; readonly states: FloatSource; readonly xi: FloatSource }
  /** Steps over single intervals: from and to [count, size], xi [count, depth · size], all over interval n. */
  | { readonly kind: 'local'; readonly count: number; readonly interval: number; readonly from: FloatSource; readonly to: FloatSource; readonly xi: FloatSource }
);

/** What a student of one step count learns from. Shards but for the last hold equally many items. */
export interface PathSet {
  readonly steps: number;
  readonly grid: GridKind;
  /** The coarse grid itself. */
  readonly nodes: TimeGrid;
  /** Signature terms that are stored; a student may use fewer. */
  readonly depth: number;
  readonly shards: readonly PathShard[];
  readonly itemShape: readonly number[];
}

/** How many signature terms a row of xi has room for, and how many of them are read; the others stay as they are. */
export interface Terms {
  readonly depth: number;
  readonly terms: number;
}

/** Number of teacher steps in a set. */
export function pairCount(set: PathSet): number {
  return set.shards.reduce((sum, shard) => sum + pairsIn(set, shard), 0);
}

const pairsIn = (set: PathSet, shard: PathShard): number => (shard.kind === 'full' ? shard.count * set.steps : shard.count);

/**
 * Copies the pair with an index below `pairCount` into row `at` of x and next [rows, size] and xi [rows, depth · size], the first `terms` of its terms;
 * returns its step n.
 */
export function copyPair(set: PathSet, index: number, room: Terms, at: number, x: Float32Array, next: Float32Array, xi: Float32Array, size: number): number {
  const perShard = pairsIn(set, set.shards[0]!);
  const shard = set.shards[Math.floor(index / perShard)]!;
  const within = index % perShard;
  if (shard.kind === 'local') {
    x.set(shard.from.read(within * size, size), at * size);
    next.set(shard.to.read(within * size, size), at * size);
    copyTerms(set, shard.xi, within, room, xi, at, size);
    return shard.interval;
  }
  const item = Math.floor(within / set.steps);
  const n = within % set.steps;
  const both = shard.states.read((item * (set.steps + 1) + n) * size, 2 * size);
  x.set(both.subarray(0, size), at * size);
  next.set(both.subarray(size), at * size);
  copyTerms(set, shard.xi, within, room, xi, at, size);
  return n;
}

/** Class and guidance scale of the item of a pair, in a set of a conditional teacher. */
export function conditionOfPair(set: PathSet, index: number): { label: number; guidance: number } {
  const perShard = pairsIn(set, set.shards[0]!);
  const shard = set.shards[Math.floor(index / perShard)]!;
  const item = Math.floor((index % perShard) / (shard.kind === 'full' ? set.steps : 1));
  const { labels, guidance } = shard.condition!;
  return { label: labels.read(item, 1)[0]!, guidance: guidance.read(item, 1)[0]! };
}

/** The first `terms` of the stored terms of row `from`: terms lie along the last axis of every pixel. */
function copyTerms(set: PathSet, source: FloatSource, from: number, { depth, terms }: Terms, target: Float32Array, at: number, size: number): void {
  const stored = set.depth * size;
  const row = source.read(from * stored, stored);
  if (terms === depth && depth === set.depth) {
    target.set(row, at * stored);
    return;
  }
  const channels = set.itemShape.at(-1)!;
  const [wide, narrow, read] = [set.depth * channels, depth * channels, terms * channels];
  // Numbers one by one: a view of the few of each pixel would cost more than they do.
  for (let from = 0, to = at * depth * size; from < row.length; from += wide, to += narrow) {
    for (let k = 0; k < read; k++) target[to + k] = row[from + k]!;
  }
}

/** Copies one whole path of a set of full paths: states into row `at` of [rows, steps + 1, size], xi into [rows, steps, depth · size]. */
export function copyPath(set: PathSet, index: number, room: Terms, at: number, states: Float32Array, xi: Float32Array, size: number): void {
  const perShard = set.shards[0]!.count;
  const shard = set.shards[Math.floor(index / perShard)]!;
  if (shard.kind !== 'full') throw new RangeError('local pairs have no whole paths');
  const within = index % perShard;
  const length = (set.steps + 1) * size;
  states.set(shard.states.read(within * length, length), at * length);
  for (let n = 0; n < set.steps; n++) copyTerms(set, shard.xi, within * set.steps + n, room, xi, at * set.steps + n, size);
}
