import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/formats/safetensors';
import { frechetDistance } from '../../src/metrics/frechet';
import { frechetInfinity, gaussiansBySize } from '../../src/metrics/frechet-infinity';
import { gaussianMmd, gaussianMmdSummary } from '../../src/metrics/gaussian-mmd';
import { kidBetween, kidOnSubsets, kidSummary } from '../../src/metrics/kid';
import { METRICS } from '../../src/metrics/metrics';
import type { MetricName } from '../../src/metrics/names';
import { nearestDistances } from '../../src/metrics/neighbours';
import { randomIndices } from '../../src/metrics/subset';
import { fixture, fixturePath } from './fixture';

interface Case {
  name: string; key: string; seed: number; frechet: number; frechetInfinity?: number; subsets: [number[][], number[][]]; kid: number; kidOnSubsets: number;
  precision: number; recall: number; density: number; coverage: number; mmd: number; mmdItems: number; mmdSigma: number; nearest: number[];
}

const { cases } = fixture('features.json') as { cases: Case[] };
const { tensors } = decodeSafetensors(readFileSync(fixturePath('features.safetensors')), 'features.safetensors');
const features = ({ key }: Case): { a: Float32Array; b: Float32Array; dimension: number } => {
  const [a, b] = [tensors.get(`${key}.a`)!, tensors.get(`${key}.b`)!];
  return { a: Float32Array.from(a.data as Float32Array), b: Float32Array.from(b.data as Float32Array), dimension: a.shape[1]! };
};
const relative = (found: number, expected: number): number => Math.abs(found - expected) / Math.abs(expected);

describe.each(cases)('$name', (c) => {
  const { a, b, dimension } = features(c);
  const head = (set: Float32Array): Float32Array => set.subarray(0, c.mmdItems * dimension);

  test("Fréchet distance is torch-fidelity's FID", () => {
    expect(relative(frechetDistance(a, b, dimension), c.frechet)).toBeLessThan(1e-8);
  });

  test('subsets are those of the definition', () => {
    [a, b].forEach((set, side) => {
      c.subsets[side]!.forEach((indices, draw) => { expect([...randomIndices(set.length / dimension, 100, c.seed, draw)]).toEqual(indices); });
    });
  });

  test("KID is torch-fidelity's: of whole sets and of given subsets", () => {
    expect(relative(kidBetween(kidSummary(head(a), dimension), kidSummary(head(b), dimension)), c.kid)).toBeLessThan(1e-9);
    const [ofA, ofB] = [a, b].map((set, side) => kidOnSubsets(set, dimension, c.subsets[side]!.map((indices) => Int32Array.from(indices))));
    expect(relative(kidBetween(ofA!, ofB!), c.kidOnSubsets)).toBeLessThan(1e-9);
    const drawn = [a, b].map((set) => kidSummary(set, dimension, { subsets: 3, subsetSize: 100, seed: c.seed }));
    expect(kidBetween(drawn[0]!, drawn[1]!)).toBe(kidBetween(ofA!, ofB!));
  });

  test("MMD² with a Gaussian kernel is torch-fidelity's, at the median distance by scipy", () => {
    const [x, y] = [gaussianMmdSummary(head(a), dimension), gaussianMmdSummary(head(b), dimension)];
    expect(relative(y.asReference().sigma, c.mmdSigma)).toBeLessThan(1e-12);
    expect(relative(gaussianMmd(x, y), c.mmd)).toBeLessThan(1e-9);
  });

  test.each(['precision', 'recall', 'density', 'coverage'] as const satisfies readonly MetricName[])("%s is torch-fidelity's or prdc's", (name) => {
    const metric = METRICS[name];
    // Shares of a few hundred items: their mean is a float32 there.
    expect(relative(metric.distance(metric.summarise(a, [dimension], 0), metric.summarise(b, [dimension], 0)), c[name])).toBeLessThan(1e-7);
  });

  test("distances to the nearest item are scipy's", () => {
    nearestDistances(a, b, dimension).forEach((distance, i) => { expect(relative(distance, c.nearest[i]!)).toBeLessThan(1e-12); });
  });
});

test.each(cases.filter((c) => c.frechetInfinity !== undefined))("Fréchet distance at infinity is numpy's line through torch-fidelity's FID of the same subsets: $name", (c) => {
  const { a, b, dimension } = features(c);
  expect(relative(frechetInfinity(gaussiansBySize(a, dimension, c.seed), gaussiansBySize(b, dimension, c.seed)), c.frechetInfinity!)).toBeLessThan(1e-8);
});
