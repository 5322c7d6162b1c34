/** Distances between sets of features. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { encodeSafetensors } from '../../../src/formats/safetensors';
import { frechetDistance } from '../../../src/metrics/frechet';
import { f32, normals } from './nets';
import { timed, type OpenWork } from './work';

const ITEMS = 10_000;

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

/** The Fréchet distance from the features of two sets of 10 000 items, with their means and covariances. */
export const openFrechet: OpenWork = (params, { scratch }) => {
  const dimension = params['dimension'] as number;
  const [a, b] = [features(dimension, 11, 0), features(dimension, 12, 0.1)];
  const distance = frechetDistance(a, b, dimension);
  const reference = path.join(scratch, `frechet-${dimension}.safetensors`);
  fs.writeFileSync(reference, encodeSafetensors(new Map([
    ['a', f32([ITEMS, dimension], a)], ['b', f32([ITEMS, dimension], b)], ['distance', { dtype: 'F64', shape: [1], data: Float64Array.of(distance) }],
  ])));
  return {
    // Two covariances as symmetric products; the root of a product of two such matrices takes some 30 n³ more.
    facts: { reference, flop: 2 * ITEMS * dimension ** 2 + 30 * dimension ** 3, bytes: 2 * 4 * ITEMS * dimension },
    run: (iterations) => timed(iterations, () => { frechetDistance(a, b, dimension); }),
  };
};
