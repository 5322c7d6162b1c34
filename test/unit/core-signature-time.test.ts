import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fineGrid } from '../../src/core/grid';
import { fillNormals } from '../../src/core/random/normal';
import { createSchedule } from '../../src/core/schedule';
import { joinSignatures, signatureBasis, signatureCovariance, timeBasis, toWHK } from '../../src/core/signature';
import { wienerBasis } from '../../src/core/signature/basis';
import { conditionalSignature } from '../../src/core/signature/local';

const fine = fineGrid(createSchedule({ name: 'vp-linear', betaMin: 0.1, betaMax: 20 }), { steps: 1000, tMin: 1e-3 });
const theta = (i: number): number => Math.exp(2 * fine.lambda[i]!);
const noise = (count: number, item: number): Float64Array => {
  const z = new Float64Array(count);
  fillNormals(z, 0, count, 1, 6, item, 0);
  return z;
};
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
const cut = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 3 }).map((nodes) => nodes.sort((a, b) => a - b) as [number, number, number]);
const term = fc.double({ min: -3, max: 3, noNaN: true });
const length = fc.double({ min: 0.01, max: 2, noNaN: true });
const closeTo = (found: ArrayLike<number>, expected: ArrayLike<number>, digits = 10): void => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(found[i]! / (1 + Math.abs(expected[i]!))).toBeCloseTo(expected[i]! / (1 + Math.abs(expected[i]!)), digits);
};

test('the coarse increment in theta and in t equals the sum of the fine ones, so neighbouring increments add up', () => {
  fc.assert(fc.property(cut, fc.nat(1000), ([from, middle, to], item) => {
    const z = noise(1000, item);
    const inTheta = (a: number, b: number): number => Math.sqrt(theta(b) - theta(a)) * dot(wienerBasis(fine, a, b), z.subarray(a, b));
    const inT = (a: number, b: number): number => Math.sqrt(fine.t[a]! - fine.t[b]!) * dot(timeBasis(fine, a, b), z.subarray(a, b));
    let sumTheta = 0;
    let sumT = 0;
    for (let j = from; j < to; j++) {
      sumTheta += Math.sqrt(theta(j + 1) - theta(j)) * z[j]!;
      sumT += Math.sqrt(fine.t[j]! - fine.t[j + 1]!) * z[j]!;
    }
    closeTo([inTheta(from, to), inT(from, to)], [sumTheta, sumT], 9);
    closeTo([inTheta(from, middle) + inTheta(middle, to), inT(from, middle) + inT(middle, to)], [sumTheta, sumT], 9);
  }));
});

test('a smaller depth is the start of a larger one, also given sub-steps', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 7 }), (from, width, depth) => {
    const to = from + width;
    expect(signatureBasis(fine, from, to, 8).slice(0, depth * width)).toEqual(signatureBasis(fine, from, to, depth));
    const nodes = [...new Set([from, from + Math.ceil(width / 2), to])];
    const deep = conditionalSignature(fine, from, to, 8, nodes);
    const shallow = conditionalSignature(fine, from, to, depth, nodes);
    expect(deep.A.slice(0, depth * (nodes.length - 1))).toEqual(shallow.A);
    for (let k = 0; k < depth; k++) expect(deep.R.slice(k * 8, k * 8 + depth)).toEqual(shallow.R.slice(k * depth, (k + 1) * depth));
  }), { numRuns: 50 });
});

test('an interval of M fine steps has M independent terms; deeper ones are zero', () => {
  for (const width of [1, 2, 5]) {
    const q = signatureBasis(fine, 400, 400 + width, 8);
    for (let k = 0; k < 8; k++) expect(dot(q.slice(k * width, (k + 1) * width), q.slice(k * width, (k + 1) * width))).toBeCloseTo(k < width ? 1 : 0, 12);
  }
});

test('signature terms of normals are uncorrelated and of unit variance', () => {
  const [from, to, depth, n] = [300, 340, 4, 4000] as const;
  const q = signatureBasis(fine, from, to, depth);
  const sums = new Float64Array(depth * depth);
  for (let item = 0; item < n; item++) {
    const z = noise(to - from, item);
    const xi = Array.from({ length: depth }, (_, k) => dot(q.subarray(k * (to - from), (k + 1) * (to - from)), z));
    for (let a = 0; a < depth; a++) for (let b = 0; b < depth; b++) sums[a * depth + b]! += (xi[a]! * xi[b]!) / n;
  }
  for (let a = 0; a < depth; a++) for (let b = 0; b < depth; b++) expect(Math.abs(sums[a * depth + b]! - Number(a === b))).toBeLessThan(5 * Math.sqrt((a === b ? 2 : 1) / n));
});

test('joining three adjacent intervals gives the same whichever pair is joined first', () => {
  const triple = fc.integer({ min: 1, max: 8 }).chain((depth) => fc.tuple(...Array.from({ length: 3 }, () => fc.array(term, { minLength: depth, maxLength: depth })))) as fc.Arbitrary<[number[], number[], number[]]>;
  fc.assert(fc.property(triple, length, length, ([a, b, c], ha, hb) => {
    closeTo(joinSignatures(joinSignatures(a, b, ha), c, ha + hb), joinSignatures(a, joinSignatures(b, c, hb), ha));
  }));
});

test('a right interval without motion changes nothing; after a left one of length 0 terms just add', () => {
  fc.assert(fc.property(fc.array(term, { minLength: 1, maxLength: 6 }), fc.array(term, { minLength: 6, maxLength: 6 }), length, (a, other, h) => {
    const b = other.slice(0, a.length);
    closeTo(joinSignatures(a, a.map(() => 0), h), a, 15);
    closeTo(joinSignatures(a, b, 0), a.map((x, k) => x + b[k]!));
  }));
});

test('the covariance of joined independent signatures is that of the whole interval', () => {
  fc.assert(fc.property(length, length, fc.integer({ min: 1, max: 6 }), (h1, h2, depth) => {
    const left = signatureCovariance(h1, depth);
    const right = signatureCovariance(h2, depth);
    // Joining is linear: columns of its right-hand matrix are what it makes of unit vectors.
    const columns = Array.from({ length: depth }, (_, i) => joinSignatures(new Float64Array(depth), Float64Array.from({ length: depth }, (_, k) => Number(k === i)), h1));
    const joined = Float64Array.from({ length: depth * depth }, (_, at) => {
      const [a, b] = [Math.floor(at / depth), at % depth];
      let sum = left[at]!;
      for (let i = 0; i < depth; i++) for (let j = 0; j < depth; j++) sum += columns[i]![a]! * right[i * depth + j]! * columns[j]![b]!;
      return sum;
    });
    closeTo(joined, signatureCovariance(h1 + h2, depth), 12);
  }));
});

test('sampled paths, summed step by step, have the covariance of the P_k', () => {
  const [steps, h, depth, n] = [256, 0.7, 4, 4000] as const;
  const exact = signatureCovariance(h, depth);
  const sums = new Float64Array(depth * depth);
  const dt = h / steps;
  const factorial = [1, 1, 2, 6];
  for (let item = 0; item < n; item++) {
    const P = new Float64Array(depth);
    noise(steps, item).forEach((z, j) => {
      for (let k = 0; k < depth; k++) P[k]! += (((j + 0.5) * dt) ** k / factorial[k]!) * Math.sqrt(dt) * z; // midpoint: bias of order 1/steps²
    });
    for (let a = 0; a < depth; a++) for (let b = 0; b < depth; b++) sums[a * depth + b]! += (P[a]! * P[b]!) / n;
  }
  for (let a = 0; a < depth; a++) {
    for (let b = 0; b < depth; b++) {
      const standardError = Math.sqrt((exact[a * depth + a]! * exact[b * depth + b]! + exact[a * depth + b]! ** 2) / n);
      expect(Math.abs(sums[a * depth + b]! - exact[a * depth + b]!)).toBeLessThan(5 * standardError);
    }
  }
});

test('W, H and K are independent, of variance h, h/12 and h/720', () => {
  fc.assert(fc.property(length, (h) => {
    const P = signatureCovariance(h, 3);
    const unit = [0, 1, 2].map((k) => {
      const { W, H, K } = toWHK([0, 1, 2].map((i) => Number(i === k)), h);
      return [W, H, K];
    });
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        let covariance = 0;
        for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) covariance += unit[i]![a]! * P[i * 3 + j]! * unit[j]![b]!;
        expect(covariance / h).toBeCloseTo(a === b ? [1, 1 / 12, 1 / 720][a]! : 0, 13);
      }
    }
  }));
});

test('signatures of unequal depth, too shallow ones and empty intervals are refused', () => {
  expect(() => joinSignatures([1, 2], [1], 1)).toThrow(/equal depths, found 2 and 1/);
  expect(() => toWHK([1, 2], 1)).toThrow(/depth 3 or more, found 2/);
  for (const [from, to] of [[5, 5], [6, 5], [-1, 3], [0, 1001], [0.5, 3]] as const) expect(() => signatureBasis(fine, from, to, 2)).toThrow(/fine steps 0 <= from < to <= 1000/);
  for (const nodes of [[300], [301, 320], [300, 319]]) expect(() => conditionalSignature(fine, 300, 320, 2, nodes)).toThrow(/sub-steps from fine node 300 to 320/);
});
