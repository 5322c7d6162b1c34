import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coarseIndices, fineGrid, WHOLE_GRIDS } from '../../src/core/grid';
import { fillNormals } from '../../src/core/random/normal';
import { createSchedule } from '../../src/core/schedule';
import { expectedNoise, standardisedPath } from '../../src/core/signature';

const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 120, tMin: 1e-3 });
const noiseOf = (item: number): Float64Array => {
  const z = new Float64Array(fine.steps);
  fillNormals(z, 0, z.length, 5, 6, item, 0);
  return z;
};
const distance = (a: Float64Array, b: Float64Array): number => Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);
const grids = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom(...WHOLE_GRIDS)).map(([steps, kind]) => coarseIndices(fine, steps, kind));

test('with as many terms as fine steps the path is reproduced', () => {
  fc.assert(fc.property(grids, fc.integer({ min: 0, max: 1000 }), (indices, item) => {
    const z = noiseOf(item);
    const widest = Math.max(...Array.from({ length: indices.length - 1 }, (_, n) => indices[n + 1]! - indices[n]!));
    const all = expectedNoise(fine, indices, widest, z).at(-1)!;
    expect(distance(standardisedPath(fine, 0.3, all), standardisedPath(fine, 0.3, z))).toBeLessThan(1e-9);
  }), { numRuns: 30 });
});

test('every further term brings the noise nearer, and the path over many items', () => {
  fc.assert(fc.property(grids, (indices) => {
    const squares = new Float64Array(6);
    for (let item = 0; item < 40; item++) {
      const z = noiseOf(item);
      const path = standardisedPath(fine, 0, z);
      let before = Infinity;
      expectedNoise(fine, indices, 6, z).forEach((expected, k) => {
        const left = distance(expected, z);
        expect(left).toBeLessThanOrEqual(before + 1e-12);
        before = left;
        squares[k]! += distance(standardisedPath(fine, 0, expected), path) ** 2;
      });
    }
    for (let k = 1; k < 6; k++) expect(squares[k]!).toBeLessThanOrEqual(squares[k - 1]! + 1e-9);
  }), { numRuns: 15 });
});

test('at the coarse nodes one term is enough', () => {
  fc.assert(fc.property(grids, fc.integer({ min: 0, max: 1000 }), (indices, item) => {
    const z = noiseOf(item);
    const path = standardisedPath(fine, -1, z);
    for (const expected of expectedNoise(fine, indices, 3, z)) {
      const rebuilt = standardisedPath(fine, -1, expected);
      for (const node of indices) expect(rebuilt[node]).toBeCloseTo(path[node]!, 9);
    }
  }), { numRuns: 30 });
});

test('the path has unit variance at every node', () => {
  const squares = new Float64Array(fine.steps + 1);
  const start = new Float64Array(1);
  for (let item = 0; item < 2000; item++) {
    fillNormals(start, 0, 1, 5, 6, item, 1);
    standardisedPath(fine, start[0]!, noiseOf(item)).forEach((value, i) => { squares[i]! += value * value; });
  }
  for (const sum of squares) expect(Math.abs(sum / 2000 - 1)).toBeLessThan(0.2);
});
