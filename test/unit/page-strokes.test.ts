import { expect, test } from 'vitest';
import { runStyle } from '../../src/report/series';
import { nearestPoint, pixels, visibleRange, type Plot, type Stroke } from '../../webview/strokes';

const PLOT: Plot = { left: 10, right: 110, top: 0, bottom: 100, x: [0, 10], y: [1, 100], logY: true };
const stroke = (label: string, points: readonly (readonly [number, number])[], faint = false): Stroke =>
  ({ label, style: runStyle(0), faint, what: 'loss', xs: Float64Array.from(points, ([x]) => x), ys: Float64Array.from(points, ([, y]) => y) });

test('data lies where the axes say, on a logarithmic axis too', () => {
  const at = pixels(PLOT);
  expect([at.x(0), at.x(10), at.y(1), at.y(100), at.y(10)].map((value) => Math.abs(Math.round(value * 1e9) / 1e9))).toEqual([10, 110, 100, 0, 50]);
  expect(pixels({ ...PLOT, logY: false, y: [0, 100] }).y(25)).toBe(75);
  expect([Number.isFinite(at.y(0)), Number.isFinite(at.y(-1))]).toEqual([false, false]);
});

test('the nearest point in reach is found, averages before the raw values behind them', () => {
  const [raw, average] = [stroke('raw', [[0, 1], [5, 10], [9, 10]], true), stroke('average', [[0, 2], [5, 9], [9, 30]])];
  expect(nearestPoint(PLOT, [raw, average], 60, 50, 20)).toMatchObject({ stroke: { label: 'raw' }, index: 1 });
  expect(nearestPoint(PLOT, [raw, average], 60, 54, 20)).toMatchObject({ stroke: { label: 'average' }, index: 1 });
  expect(nearestPoint(PLOT, [raw, average], 30, 10, 10)).toBeNull();
  expect(nearestPoint(PLOT, [], 60, 50, 20)).toBeNull();
});

test('the range is that of what is visible, and leaves out what the axis has no place for', () => {
  const lines = [stroke('a', [[0, 1000], [2, 4], [3, 0], [4, 16], [5, NaN]])];
  const [low, high] = visibleRange(lines, [1, 6], true)!;
  expect(low).toBeCloseTo(4 / 4 ** 0.04, 12);
  expect(high).toBeCloseTo(16 * 4 ** 0.04, 12);
  expect(visibleRange(lines, [1, 6], false)![0]).toBeLessThan(0);
  expect(visibleRange(lines, [2.5, 3.5], true)).toBeNull();
  expect(visibleRange([stroke('flat', [[1, 2]])], null, true)).toEqual([1, 4]);
  expect(visibleRange([stroke('zero', [[1, 0]])], null, false)).toEqual([-1, 1]);
});
