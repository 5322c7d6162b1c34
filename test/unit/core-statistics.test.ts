import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mean, median, quantile, summary } from '../../src/core/statistics';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => x + 0); // no −0, which arithmetic does not keep
const list = fc.array(finite, { minLength: 1, maxLength: 50 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

test('quantiles rise with q, from the smallest to the largest value', () => {
  fc.assert(fc.property(list, share, share, (values, p, q) => {
    expect(quantile(values, 0)).toBe(Math.min(...values));
    expect(quantile(values, 1)).toBe(Math.max(...values));
    expect(quantile(values, Math.min(p, q))).toBeLessThanOrEqual(quantile(values, Math.max(p, q)) + 1e-9);
  }));
});

test('neither order nor type of the values matters, and they are left as they were', () => {
  fc.assert(fc.property(list, share, (values, q) => {
    const before = [...values];
    const expected = quantile(values, q);
    expect(quantile(Float64Array.from(values).reverse(), q)).toBe(expected);
    expect(values).toEqual(before);
  }));
});

test('the median of an odd count is a value with as many below as above; of an even count the middle of two', () => {
  expect(median([5, 1, 9])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('a summary is median and range', () => {
  expect(summary([3, 1, 2, 10])).toEqual({ median: 2.5, min: 1, max: 10 });
});

test('nothing has no mean, median or quantile', () => {
  expect([mean([]), median([]), quantile([], 0.3)]).toEqual([NaN, NaN, NaN]);
});
