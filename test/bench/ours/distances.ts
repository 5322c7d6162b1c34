/** Distances between sets of features. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { encodeSafetensors, type TensorData } from '../../../src/formats/safetensors';
import { MetricThreads } from '../../../src/jobs/metric-threads';
import { frechetDistance } from '../../../src/metrics/frechet';
import { kidBetween, kidSummary, type KidSummary } from '../../../src/metrics/kid';
import { shareWork } from '../../../src/metrics/parallel';
import { f32, normals } from './nets';
import { timed, type OpenWork } from './work';

const ITEMS = 10_000;

// As an evaluation has them; the peer has a thread for each core, too.
shareWork(new MetricThreads(os.availableParallelism() - 1));

/** Features as extractors give them: no two coordinates are of one scale, and neighbours go together. */
function features(dimension: number, seed: number, shift: number): Float32Array {
  const z = normals(ITEMS * dimension, seed);
  const out = new Float32Array(z.length);
  for (let i = 0; i < z.length; i++) {
    const j = i % dimension;
    out[i] = shift + (z[i]! + 0.5 * (j === 0 ? 0 : z[i - 1]!)) / (1 + (4 * j) / dimension);
  }
  return out;
}

/** Two sets of features, and the file by which the peer finds them and proves that it measures the same. */
function setsOf(dimension: number, scratch: string, name: string, proof: (a: Float32Array, b: Float32Array) => Map<string, TensorData>) {
  const [a, b] = [features(dimension, 11, 0), features(dimension, 12, 0.1)];
  const reference = path.join(scratch, `${name}-${dimension}.safetensors`);
  fs.writeFileSync(reference, encodeSafetensors(new Map([['a', f32([ITEMS, dimension], a)], ['b', f32([ITEMS, dimension], b)], ...proof(a, b)])));
  return { a, b, reference };
}

const number = (value: number): TensorData => ({ dtype: 'F64', shape: [1], data: Float64Array.of(value) });

/** The Fréchet distance from the features of two sets of 10 000 items, with their means and covariances. */
export const openFrechet: OpenWork = (params, { scratch }) => {
  const dimension = params['dimension'] as number;
  const { a, b, reference } = setsOf(dimension, scratch, 'frechet', (x, y) => new Map([['distance', number(frechetDistance(x, y, dimension))]]));
  return {
    // Two covariances as symmetric products; the root of a product of two such matrices takes some 30 n³ more.
    facts: { reference, flop: 2 * ITEMS * dimension ** 2 + 30 * dimension ** 3, bytes: 2 * 4 * ITEMS * dimension },
    run: (iterations) => timed(iterations, () => { frechetDistance(a, b, dimension); }),
  };
};

const [SUBSETS, SUBSET_SIZE] = [10, 1000];

/** KID between random subsets of the features of two sets of 10 000 items. */
export const openKid: OpenWork = (params, { scratch }) => {
  const dimension = params['dimension'] as number;
  const summary = (set: Float32Array): KidSummary => kidSummary(set, dimension, { subsets: SUBSETS, subsetSize: SUBSET_SIZE });
  const { a, b, reference } = setsOf(dimension, scratch, 'kid', (x, y) => {
    const [of, to] = [summary(x), summary(y)];
    const rows = ({ subsets }: KidSummary): TensorData => ({ dtype: 'I32', shape: [SUBSETS, SUBSET_SIZE], data: Int32Array.from(subsets.flatMap(({ indices }) => [...indices])) });
    return new Map([['subsets.a', rows(of)], ['subsets.b', rows(to)], ['distance', number(kidBetween(of, to))]]);
  });
  return {
    // Half of the products within each set, all of those across.
    facts: { reference, flop: SUBSETS * 2 * SUBSET_SIZE ** 2 * (2 * dimension), bytes: SUBSETS * 2 * 4 * SUBSET_SIZE * dimension },
    run: (iterations) => timed(iterations, () => { kidBetween(summary(a), summary(b)); }),
  };
};
