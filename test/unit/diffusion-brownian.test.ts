import { beforeAll, expect, test } from 'vitest';
import { coarseIndices, fineGrid } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { standardisedPath } from '../../src/core/signature';
import { FineNoise, SharedPath, SimulatedPath } from '../../src/diffusion/brownian';
import { startEngine } from '../../src/runtime/engine';
import type * as tf from '../../src/runtime/tf';

const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 60, tMin: 1e-3 });
const noiseOf = (first: number, count: number): FineNoise => new FineNoise(fine, { seed: 4, stream: 6, first, count, itemShape: [2, 1, 3] });
const pathOf = (first: number, count: number, indices: ArrayLike<number>): SharedPath => new SharedPath(noiseOf(first, count), indices);
const values = (tensor: tf.Tensor): Float32Array => {
  const data = tensor.dataSync<'float32'>().slice();
  tensor.dispose();
  return data;
};
const signature = (first: number, count: number, from: number, to: number, depth: number): Float32Array => values(pathOf(first, count, [from, to]).signature(0, depth));

beforeAll(async () => {
  await startEngine('cpu');
});

test('signature and start of an item are the same in any batch', () => {
  const together = signature(0, 8, 12, 30, 3);
  const size = 6 * 3;
  for (let i = 0; i < 8; i++) expect(signature(i, 1, 12, 30, 3)).toEqual(together.slice(i * size, (i + 1) * size));
  const starts = values(pathOf(0, 8, [0, 60]).initial());
  for (let i = 0; i < 8; i++) expect(values(pathOf(i, 1, [0, 60]).initial())).toEqual(starts.slice(6 * i, 6 * i + 6));
});

test('terms stand in channel blocks: a smaller depth is the first channels of a larger one', () => {
  const [deep, shallow] = [signature(0, 2, 0, 20, 4), signature(0, 2, 0, 20, 2)];
  // [2 items, 2 × 1 pixels, terms · 3 channels]
  for (let pixel = 0; pixel < 4; pixel++) expect(deep.slice(pixel * 12, pixel * 12 + 6)).toEqual(shallow.slice(pixel * 6, (pixel + 1) * 6));
});

test('terms are the same bits however many are summed in one go, also for an odd number of values', () => {
  for (const size of [1, 3, 5, 7]) {
    const terms = (depth: number): Float32Array => values(new SharedPath(new FineNoise(fine, { seed: 4, stream: 6, first: 0, count: 2, itemShape: [size] }), [3, 58]).signature(0, depth));
    const deep = terms(9);
    for (const depth of [1, 2, 4, 7]) {
      const shallow = terms(depth);
      for (const item of [0, 1]) expect(deep.slice(item * 9 * size, (item * 9 + depth) * size)).toEqual(shallow.slice(item * depth * size, (item + 1) * depth * size));
    }
  }
});

test('paths of coarser grids are the same path: its increments in theta and in t over 1, 3 and 12 steps sum to one another', () => {
  const theta = (i: number): number => Math.exp(2 * fine.lambda[i]!);
  const inTheta = (path: SharedPath, n: number, from: number, to: number): Float64Array => Float64Array.from(values(path.signature(n, 1)), (x) => x * Math.sqrt(theta(to) - theta(from)));
  const inT = (path: SharedPath, n: number, from: number, to: number): Float64Array => Float64Array.from(values(path.wiener(n)), (x) => x * Math.sqrt(fine.t[from]! - fine.t[to]!));
  for (const increment of [inTheta, inT]) {
    const increments = (steps: number): Float64Array[] => {
      const indices = coarseIndices(fine, steps, 'quad');
      const path = pathOf(0, 2, indices);
      return Array.from({ length: steps }, (_, n) => increment(path, n, indices[n]!, indices[n + 1]!));
    };
    const total = (parts: Float64Array[]): Float64Array => parts.reduce((sum, part) => sum.map((x, i) => x + part[i]!));
    const [one, three, twelve] = [increments(1), increments(3), increments(12)];
    const near = (found: Float64Array, expected: Float64Array): void => {
      const size = Math.max(...expected.map(Math.abs));
      found.forEach((x, i) => {
        expect(Math.abs(x - expected[i]!) / size).toBeLessThan(1e-6);
      });
    };
    near(total(three), one[0]!);
    near(total(twelve), one[0]!);
    for (let n = 0; n < 3; n++) near(total(twelve.slice(4 * n, 4 * n + 4)), three[n]!);
  }
});

test('noise that was prepared for several grids at once is bit for bit what each would have drawn alone', () => {
  const grids = [[0, 20, 60], [0, 7, 20, 33, 60]];
  const noise = noiseOf(3, 4);
  noise.prepare(grids.flatMap((indices) => [{ indices, clock: 'theta' as const, depth: 3 }, { indices, clock: 't' as const, depth: 1 }]));
  for (const indices of grids) {
    const [prepared, alone] = [new SharedPath(noise, indices), pathOf(3, 4, indices)];
    for (let n = 0; n + 1 < indices.length; n++) {
      expect(values(prepared.signature(n, 3))).toEqual(values(alone.signature(n, 3)));
      expect(values(prepared.wiener(n))).toEqual(values(alone.wiener(n)));
    }
  }
});

test('a grid that begins below the first node begins with what the path has come to there', () => {
  const initial = values(pathOf(0, 2, [0, 60]).initial());
  const z = Array.from({ length: 17 }, (_, j) => signature(0, 2, j, j + 1, 1));
  const later = values(pathOf(0, 2, [17, 40, 60]).initial());
  later.forEach((found, i) => { expect(found).toBeCloseTo(standardisedPath(fine, initial[i]!, Array.from({ length: 60 }, (_, j) => z[j]?.[i] ?? 0))[17]!, 5); });
});

test('simulated terms have the law of those on a path: normals, as many as a step has fine ones, then zeros', () => {
  const [terms, indices] = [4, [0, 2, 3, 60]];
  const items = { seed: 4, stream: 6, first: 0, count: 500, itemShape: [1] };
  const moments = (path: SharedPath | SimulatedPath, n: number): number[][] => {
    const data = values(path.signature(n, terms));
    return Array.from({ length: terms }, (_, k) => {
      const term = Array.from({ length: items.count }, (_, i) => data[i * terms + k]!);
      return [term.reduce((sum, x) => sum + x, 0) / items.count, term.reduce((sum, x) => sum + x * x, 0) / items.count];
    });
  };
  for (const path of [new SharedPath(new FineNoise(fine, items), indices), new SimulatedPath(items, indices)]) {
    for (const [n, free] of [2, 1, 4].entries()) {
      moments(path, n).forEach(([mean, square], k) => {
        if (k >= free) expect([mean, square]).toEqual([0, 0]);
        else expect(Math.max(Math.abs(mean!), Math.abs(square! - 1))).toBeLessThan(0.3);
      });
    }
  }
  const shallow = values(new SimulatedPath(items, indices).signature(2, 1));
  expect(values(new SimulatedPath(items, indices).signature(2, 3)).filter((_, i) => i % 3 === 0)).toEqual(shallow);
});
