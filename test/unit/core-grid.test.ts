import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coarseIndices, coarsen, defaultGrid, fineGrid, GRID_KINDS, WHOLE_GRIDS, type GridKind } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';

const schedule = createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 });
const fine = fineGrid(schedule, { steps: 1000, tMin: 1e-3 });
const whole = fc.constantFrom(...WHOLE_GRIDS);

test('the fine grid goes from tMax to tMin, quadratically: the square roots of t − tMin are evenly spaced', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.double({ min: 1e-4, max: 0.1, noNaN: true }), (steps, tMin) => {
    const { t, lambda } = fineGrid(schedule, { steps, tMin });
    expect(t.length).toBe(steps + 1);
    expect(t[0]).toBeCloseTo(1, 15);
    expect(t[steps]).toBe(tMin);
    for (let i = 0; i <= steps; i++) expect(Math.sqrt((t[i]! - tMin) / (1 - tMin))).toBeCloseTo(1 - i / steps, 7);
    for (let i = 0; i < steps; i++) expect(lambda[i + 1]!).toBeGreaterThan(lambda[i]!);
  }), { numRuns: 30 });
});

test("EDM's fine grid is even in sigma^(1/7), so that its own coarse grid takes every hundredth node, and that of VE is fine enough for it", () => {
  for (const [config, tMin, evenness] of [[{ name: 'edm' }, 0.002, 1e-9], [{ name: 've' }, 1e-3, 0.02]] as const) {
    const all = fineGrid(createSchedule(config), { steps: 1000, tMin });
    expect(all.t[1000]).toBe(tMin);
    for (let i = 0; i < 1000; i++) expect(all.lambda[i + 1]!).toBeGreaterThan(all.lambda[i]!);
    const root = coarsen(all, coarseIndices(all, 10, defaultGrid(config.name))).sigma.map((sigma) => sigma ** (1 / 7));
    for (let n = 0; n < 10; n++) expect(Math.abs((root[n]! - root[n + 1]!) / ((root[0]! - root[10]!) / 10) - 1)).toBeLessThan(evenness);
  }
});

test('coarse nodes rise strictly from the first to the last fine node, for any counts', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), whole, (fineSteps, part, grid) => {
    const steps = Math.max(1, Math.round(part * fineSteps));
    const indices = coarseIndices(fineGrid(schedule, { steps: fineSteps, tMin: 1e-3 }), steps, grid);
    expect([indices.length, indices[0], indices[steps]]).toEqual([steps + 1, 0, fineSteps]);
    for (let n = 0; n < steps; n++) expect(indices[n + 1]!).toBeGreaterThan(indices[n]!);
  }), { numRuns: 200 });
});

test('a leading grid, too, rises strictly to the last fine node, and begins about one of its spacings below the first', () => {
  for (const steps of [1, 2, 5, 10, 50]) {
    const { t } = coarsen(fine, coarseIndices(fine, steps, 'leading'));
    for (let n = 0; n < steps; n++) expect(t[n + 1]!).toBeLessThan(t[n]!);
    expect(t[steps]).toBe(1e-3);
    expect(t[0]!).toBeCloseTo(1e-3 + (1 - 1e-3) * (1 - 1 / steps), 2);
  }
});

test('as many coarse steps as fine ones are the fine grid itself', () => {
  for (const grid of GRID_KINDS) {
    const indices = coarseIndices(fine, 1000, grid);
    expect(Array.from(indices)).toEqual(Array.from({ length: 1001 }, (_, i) => i));
    expect(coarsen(fine, indices)).toEqual(fine);
  }
});

test('every node is the fine node nearest to the ideal place of its kind', () => {
  const coordinate = {
    quad: (i: number) => i / 1000,
    'uniform-t': (i: number) => -fine.t[i]!,
    'uniform-logsnr': (i: number) => fine.lambda[i]!,
    'uniform-alpha': (i: number) => fine.alpha[i]!,
    karras: (i: number) => -((fine.sigma[i]! / fine.alpha[i]!) ** (1 / 7)),
  } satisfies Partial<Record<GridKind, (i: number) => number>>;
  fc.assert(fc.property(fc.integer({ min: 1, max: 15 }), fc.constantFrom(...(Object.keys(coordinate) as (keyof typeof coordinate)[])), (steps, grid) => {
    const at = coordinate[grid];
    coarseIndices(fine, steps, grid).forEach((index, n) => {
      const ideal = at(0) + ((at(1000) - at(0)) * n) / steps;
      const distance = (i: number): number => Math.abs(at(i) - ideal);
      const best = Math.min(...Array.from({ length: 1001 }, (_, i) => distance(i)));
      expect(distance(index)).toBeLessThan(best + 1e-6);
    });
  }));
});

test('a quadratic coarse grid whose step count divides the fine one is the quadratic grid of that count', () => {
  for (const steps of [1, 2, 5, 8, 10, 100, 250]) {
    const coarse = coarsen(fine, coarseIndices(fine, steps, 'quad'));
    const direct = fineGrid(schedule, { steps, tMin: 1e-3 });
    for (let i = 0; i <= steps; i++) expect(coarse.t[i]).toBeCloseTo(direct.t[i]!, 14);
  }
});

test('counts and times that make no grid are refused as UNSUPPORTED', () => {
  const unsupported = expect.objectContaining({ code: 'UNSUPPORTED' }) as Error;
  for (const steps of [0, -1, 1.5, NaN, 1001]) expect(() => coarseIndices(fine, steps, 'quad')).toThrow(unsupported);
  for (const steps of [0, 2.5]) expect(() => fineGrid(schedule, { steps, tMin: 1e-3 })).toThrow(unsupported);
  for (const tMin of [0, -1, 1, NaN]) expect(() => fineGrid(schedule, { steps: 10, tMin })).toThrow(unsupported);
});
