import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coarseIndices, coarsen, fineGrid, WHOLE_GRIDS } from '../../src/core/grid';
import { createSchedule } from '../../src/core/schedule';
import { areaBasis, conditionalSignature, joinSignatures, signatureBasis, toWHK } from '../../src/core/signature';

const schedules = [createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), createSchedule({ name: 'cosine' })];
const fines = schedules.map((schedule) => fineGrid(schedule, { steps: 1000, tMin: 1e-3 }));

test('alpha² + sigma² = 1, and lambda rises along every coarse grid from the first to the last fine node', () => {
  for (const fine of fines) {
    for (let i = 0; i <= 1000; i++) expect(fine.alpha[i]! ** 2 + fine.sigma[i]! ** 2).toBeCloseTo(1, 12);
    for (const kind of WHOLE_GRIDS) {
      for (const steps of [1, 2, 3, 7, 10, 50]) {
        const indices = coarseIndices(fine, steps, kind);
        expect([indices[0], indices[steps]]).toEqual([0, 1000]);
        for (let n = 0; n < steps; n++) expect(indices[n + 1]!).toBeGreaterThan(indices[n]!);
      }
    }
  }
});

const interval = fc.tuple(fc.integer({ min: 0, max: 979 }), fc.integer({ min: 20, max: 500 })).map(([from, width]) => [from, Math.min(1000, from + width)] as const);

test('the signature basis is orthonormal on any interval', () => {
  fc.assert(fc.property(interval, fc.integer({ min: 1, max: 10 }), fc.constantFrom(...fines), ([from, to], depth, fine) => {
    const q = signatureBasis(fine, from, to, depth);
    const m = to - from;
    for (let a = 0; a < depth; a++) {
      for (let b = 0; b <= a; b++) {
        let product = 0;
        for (let j = 0; j < m; j++) product += q[a * m + j]! * q[b * m + j]!;
        expect(product).toBeCloseTo(a === b ? 1 : 0, 9);
      }
    }
  }), { numRuns: 50 });
});

test('the first term is the noise of the coarse exponential step: its fine steps, done one by one without drift, sum to it', () => {
  const fine = fines[0]!;
  const [from, to] = [300, 500];
  const q = signatureBasis(fine, from, to, 1);
  const z = Array.from({ length: to - from }, (_, j) => Math.sin(3 * j + 1));
  let x = 0;
  for (let j = from; j < to; j++) {
    const h = fine.lambda[j + 1]! - fine.lambda[j]!;
    x = (fine.sigma[j + 1]! / fine.sigma[j]!) * Math.exp(-h) * x + fine.sigma[j + 1]! * Math.sqrt(-Math.expm1(-2 * h)) * z[j - from]!;
  }
  const xi0 = z.reduce((sum, v, j) => sum + q[j]! * v, 0);
  const h = fine.lambda[to]! - fine.lambda[from]!;
  expect(fine.sigma[to]! * Math.sqrt(-Math.expm1(-2 * h)) * xi0).toBeCloseTo(x, 10);
});

test('given the noises of sub-steps, signature terms have unit covariance and the first is determined', () => {
  fc.assert(fc.property(interval, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 16 }), ([from, to], depth, parts) => {
    const count = Math.min(parts, to - from);
    const sub = Int32Array.from({ length: count + 1 }, (_, j) => from + Math.round((j * (to - from)) / count));
    const { A, R } = conditionalSignature(fines[0]!, from, to, depth, sub);
    for (let a = 0; a < depth; a++) {
      expect(R[a]).toBeCloseTo(0, 9);
      for (let b = 0; b < depth; b++) {
        let sum = 0;
        for (let s = 0; s < count; s++) sum += A[a * count + s]! * A[b * count + s]!;
        for (let k = 0; k < depth; k++) sum += R[a * depth + k]! * R[b * depth + k]!;
        expect(sum).toBeCloseTo(a === b ? 1 : 0, 8);
      }
    }
  }), { numRuns: 50 });
});

test('a coarsened grid takes its nodes from the fine one', () => {
  const indices = coarseIndices(fines[0]!, 5, 'quad');
  expect(Array.from(indices)).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(coarsen(fines[0]!, indices).lambda[2]).toBe(fines[0]!.lambda[400]);
});

test('W and H of an interval in the clock theta are those that its two parts join to, independent, and of variance 1 and nearly 1/12', () => {
  fc.assert(fc.property(interval, fc.integer({ min: 1, max: 19 }), fc.constantFrom(...fines), ([from, to], cut, fine) => {
    const theta = (i: number): number => Math.exp(2 * (fine.lambda[i]! - fine.lambda[to]!));
    const z = Float64Array.from({ length: 1000 }, (_, j) => Math.sin(j * j + 1));
    const product = (rows: Float64Array, other: (j: number) => number): [number, number] => {
      const count = rows.length / 2;
      const total: [number, number] = [0, 0];
      for (let k = 0; k < 2; k++) for (let j = 0; j < count; j++) total[k]! += rows[k * count + j]! * other(j);
      return total;
    };
    const areas = (begin: number, end: number): { W: number; H: number } => {
      const [W, H] = product(areaBasis(fine, begin, end), (j) => z[begin + j]! * Math.sqrt(theta(end) - theta(begin)));
      return { W, H };
    };
    // H = W/2 − P_1/h
    const terms = (begin: number, end: number): number[] => { const { W, H } = areas(begin, end); return [W, (theta(end) - theta(begin)) * (W / 2 - H), 0]; };
    const middle = from + cut;
    const joined = toWHK(joinSignatures(terms(from, middle), terms(middle, to), theta(middle) - theta(from)), theta(to) - theta(from));
    const whole = areas(from, to);
    expect(joined.W).toBeCloseTo(whole.W, 12);
    expect(joined.H).toBeCloseTo(whole.H, 12);
    const rows = areaBasis(fine, from, to);
    const count = to - from;
    const [variance, covariance] = product(rows, (j) => rows[j]!);
    const share = (j: number): number => (theta(from + j + 1) - theta(from + j)) / (theta(to) - theta(from));
    const lacking = Array.from({ length: count }, (_, j) => share(j) ** 3).reduce((a, b) => a + b) / 12;
    expect([variance, covariance]).toEqual([expect.closeTo(1, 12), expect.closeTo(0, 12)]);
    expect(product(rows, (j) => rows[count + j]!)[1]).toBeCloseTo(1 / 12 - lacking, 12);
  }), { numRuns: 50 });
});
