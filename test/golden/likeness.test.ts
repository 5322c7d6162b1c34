import { describe, expect, test } from 'vitest';
import { psnr, ssim, type PictureShape } from '../../src/metrics/likeness';
import { fixture } from './fixture';

interface Case { name: string; shape: PictureShape; range: number; a: number[]; b: number[]; psnr: number; ssim: number }

describe('pictures against pictures', () => {
  const { cases } = fixture('likeness.json') as { cases: Case[] };

  test.each(cases)("PSNR and SSIM are scikit-image's: $name", ({ shape, range, a, b, ...expected }) => {
    expect(psnr(a, b, range)).toBeCloseTo(expected.psnr, 10);
    expect(ssim(a, b, shape, range)).toBeCloseTo(expected.ssim, 10);
  });

  test('a picture is like itself', () => {
    const { a, shape, range } = cases[2]!;
    expect(psnr(a, a, range)).toBe(Infinity);
    expect(ssim(a, a, shape, range)).toBeCloseTo(1, 12);
    expect(ssim(a.slice(0, 300), a.slice(0, 300), [10, 10, 3], range)).toBeNaN();
  });
});
