import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/core/nearest';

const word = fc.string({ maxLength: 12 });

test('edit distance is symmetric, zero for equal words only, and at most the longer length', () => {
  fc.assert(fc.property(word, word, (a, b) => {
    const distance = editDistance(a, b);
    expect(editDistance(b, a)).toBe(distance);
    expect(distance === 0).toBe(a === b);
    expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
  }));
});

test('a swap of neighbours, an insertion, a deletion and a replacement are one edit each', () => {
  for (const typed of ['mnsit', 'mnnist', 'mist', 'mnost']) expect(editDistance(typed, 'mnist')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
});

test('one edit away, in any case, a word finds its origin', () => {
  fc.assert(fc.property(fc.constantFrom('ddpm', 'ddim', 'euler-maruyama', 'checkerboard'), fc.nat(), fc.constantFrom('x', ''), (name, place, letter) => {
    const at = place % name.length;
    const typed = (name.slice(0, at) + letter + name.slice(at + 1)).toUpperCase();
    expect(editDistance(nearest(typed, ['euler-maruyama', 'ddpm', 'ddim', 'checkerboard']) ?? '', typed.toLowerCase())).toBeLessThanOrEqual(1);
  }));
});

test('what is far from all finds nothing; of equals the earlier wins', () => {
  expect(nearest('quux', ['ddpm', 'checkerboard'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
  expect(nearest('ddxm', ['ddim', 'ddpm'])).toBe('ddim');
  expect(nearest('ddxm', ['ddpm', 'ddim'])).toBe('ddpm');
});
