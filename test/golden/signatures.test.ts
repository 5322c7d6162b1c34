import { expect, test } from 'vitest';
import { joinSignatures, signatureCovariance, toWHK } from '../../src/core/signature';
import { fixture } from './fixture';

interface Interval { from: number; to: number; W: number; H: number; K: number }

/** P_0, P_1, P_2 from Lévy areas: the equations of `toWHK` solved for P. */
function fromWHK({ W, H, K }: { W: number; H: number; K: number }, h: number): Float64Array {
  const P1 = h * (W / 2 - H);
  return Float64Array.of(W, P1, h * h * (K - W / 12) + (h * P1) / 2);
}

test("joining diffrax's W, H, K of neighbouring cells gives its own W, H, K of their union", () => {
  const { nodes, intervals } = fixture('diffrax-tree.json') as { nodes: number[]; intervals: Interval[] };
  const at = (from: number, to: number): Interval => intervals.find((i) => i.from === from && i.to === to)!;
  let joins = 0;
  for (const union of intervals) {
    for (let middle = union.from + 1; middle < union.to; middle++) {
      const [a, b, c] = [nodes[union.from]!, nodes[middle]!, nodes[union.to]!];
      const P = joinSignatures(fromWHK(at(union.from, middle), b - a), fromWHK(at(middle, union.to), c - b), b - a);
      const { W, H, K } = toWHK(P, c - a);
      expect(W).toBeCloseTo(union.W, 12);
      expect(H).toBeCloseTo(union.H, 12);
      expect(K).toBeCloseTo(union.K, 12);
      joins++;
    }
  }
  expect(joins).toBe(84);
});

test('the covariance of the P_k, seen as W, H, K, is that of samples which diffrax drew, within five standard errors', () => {
  const { h, n, covariance } = fixture('diffrax-moments.json') as { h: number; n: number; covariance: number[][] };
  const P = signatureCovariance(h, 3);
  // toWHK is linear: its rows are what it makes of the unit vectors.
  const columns = [0, 1, 2].map((k) => toWHK(Float64Array.from({ length: 3 }, (_, i) => Number(i === k)), h));
  const rows = (['W', 'H', 'K'] as const).map((letter) => columns.map((column) => column[letter]));
  const exact = rows.map((a) => rows.map((b) => a.reduce((sum, x, i) => sum + x * b.reduce((inner, y, j) => inner + P[i * 3 + j]! * y, 0), 0)));
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 3; b++) {
      const standardError = Math.sqrt((exact[a]![a]! * exact[b]![b]! + exact[a]![b]! ** 2) / n);
      expect(Math.abs(covariance[a]![b]! - exact[a]![b]!)).toBeLessThan(5 * standardError);
    }
  }
});

test("Chen's relation over the segments of a piecewise linear path gives the words 0…01 that pySigLib computes", () => {
  const { cases } = fixture('pysiglib-words.json') as { cases: { dt: number[]; dB: number[]; P: number[] }[] };
  for (const { dt, dB, P } of cases) {
    const depth = P.length;
    /** On a straight segment P_k = ∫ u^k/k! (dB/dt) du = dt^k/(k+1)! dB. */
    const segment = (j: number): Float64Array => {
      let factorial = 1;
      return Float64Array.from({ length: depth }, (_, k) => (dt[j]! ** k / (factorial *= k + 1)) * dB[j]!);
    };
    let joined = segment(0);
    let length = dt[0]!;
    for (let j = 1; j < dt.length; length += dt[j++]!) joined = joinSignatures(joined, segment(j), length);
    joined.forEach((value, k) => {
      expect(Math.abs(value - P[k]!) / Math.abs(P[k]!)).toBeLessThan(1e-12);
    });
  }
});
