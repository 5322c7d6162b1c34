/**
 * Energy distance (Székely and Rizzo 2013, equation 6), not its root:
 *
 *     E = 2 E|X − Y| − E|X − X'| − E|Y − Y'|
 *
 * as the V-statistic, whose means run over ALL pairs, i = j too: so it is never negative and is zero for equal sets, and it is biased upwards by
 * about E|X − X'| (1/n + 1/m), as the noise floor is. The same number as `dcor.energy_distance`. In units of the data; lower is better.
 */
import { itemCount } from './sample-set';
import { itemsAt, randomIndices } from './subset';

export interface EnergyDistanceOptions {
  /** Of larger sets a random subset of this size is used: the work grows with its square. Default 2000. */
  readonly maxItems?: number;
  /** Of the subsets. Default 0. */
  readonly seed?: number;
}

/** A set thinned to what is compared, with its mean distance between two of its own items (i = j too). */
export interface EnergySummary {
  readonly dimension: number;
  readonly items: Float64Array;
  readonly within: number;
}

/**
 * a: [n, dimension] flat, b: [m, dimension] flat. Sets of the same size are thinned to the same indices. Not finite when a sample in use is
 * not. Throws NOT_COMPARABLE when a set is empty.
 */
export function energyDistance(a: Float32Array, b: Float32Array, dimension: number, options: EnergyDistanceOptions = {}): number {
  return energyBetween(energySummary(a, dimension, options), energySummary(b, dimension, options));
}

export function energySummary(set: Float32Array, dimension: number, { maxItems = 2000, seed = 0 }: EnergyDistanceOptions = {}): EnergySummary {
  const items = subset(set, dimension, maxItems, seed);
  const n = items.length / dimension;
  return { dimension, items, within: (2 * pairSum(items, n, dimension)) / (n * n) };
}

export function energyBetween({ dimension, items: x, within: withinX }: EnergySummary, { items: y, within: withinY }: EnergySummary): number {
  const n = x.length / dimension;
  const m = y.length / dimension;
  let across = 0;
  for (let i = 0; i < n; i++) across += distanceSum(x, i, y, 0, m, dimension);
  return Math.max(0, (2 * across) / (n * m) - withinX - withinY); // rounding may leave equal sets below zero
}

/** At most `maxItems` rows. */
function subset(set: Float32Array, dimension: number, maxItems: number, seed: number): Float64Array {
  const count = itemCount(set, dimension);
  return Float64Array.from(count <= maxItems ? set : itemsAt(set, dimension, randomIndices(count, maxItems, seed, 0)));
}

/** Sum of |x_i − x_j| over i < j. */
function pairSum(x: Float64Array, n: number, dimension: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += distanceSum(x, i, x, i + 1, n, dimension);
  return sum;
}

/** Sum of |x_i − y_j| over j from `start` to `end` − 1. */
function distanceSum(x: Float64Array, i: number, y: Float64Array, start: number, end: number, dimension: number): number {
  const from = i * dimension;
  let sum = 0;
  for (let j = start, at = start * dimension; j < end; j++) {
    let squares = 0;
    for (let k = 0; k < dimension; k++) {
      const difference = x[from + k]! - y[at++]!;
      squares += difference * difference;
    }
    sum += Math.sqrt(squares);
  }
  return sum;
}
