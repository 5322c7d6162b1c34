/** Long lines by their numbers: where they lie in a plot, which of their points is nearest, how far they reach. */
import type { SeriesStyle } from '../src/report/series';
import type { Range } from './ui-state';

export interface Stroke {
  readonly label: string;
  readonly style: SeriesStyle;
  /** Thin and pale: raw values behind their average. */
  readonly faint: boolean;
  /** Rising. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** What a number is: `average`. */
  readonly what: string;
}

/** Where on the canvas the axes' ends lie, in CSS pixels. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Range;
  readonly y: Range;
  readonly logY: boolean;
}

/** Pixels of data: on a logarithmic axis a value that is not positive has none (NaN). */
export function pixels({ left, right, top, bottom, x, y, logY }: Plot): { x(value: number): number; y(value: number): number } {
  const [low, high] = logY ? [Math.log(y[0]), Math.log(y[1])] : y;
  const [kx, ky] = [(right - left) / (x[1] - x[0]), (bottom - top) / (high - low)];
  return { x: (value) => left + (value - x[0]) * kx, y: (value) => bottom - ((logY ? Math.log(value) : value) - low) * ky };
}

export interface Hit {
  readonly stroke: Stroke;
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

/** The point nearest to a place, no farther than `reach` pixels; averages before the raw values behind them. */
export function nearestPoint(plot: Plot, strokes: readonly Stroke[], px: number, py: number, reach: number): Hit | null {
  const at = pixels(plot);
  let best: Hit | null = null;
  let least = reach ** 2;
  for (const stroke of strokes) {
    const handicap = stroke.faint ? 4 : 1;
    for (let i = firstFrom(stroke.xs, plot.x[0] + ((px - reach - plot.left) / (plot.right - plot.left)) * (plot.x[1] - plot.x[0])); i < stroke.xs.length; i++) {
      const x = at.x(stroke.xs[i]!);
      if (x > px + reach) break;
      const y = at.y(stroke.ys[i]!);
      const distance = handicap * ((x - px) ** 2 + (y - py) ** 2);
      if (distance < least) {
        least = distance;
        best = { stroke, index: i, x, y };
      }
    }
  }
  return best;
}

function firstFrom(xs: Float64Array, limit: number): number {
  let [low, high] = [0, xs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (xs[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Least and greatest of what is visible, with some room; null where nothing is. */
export function visibleRange(strokes: readonly Stroke[], x: Range | null, log: boolean): Range | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { xs, ys } of strokes) {
    for (let i = 0; i < xs.length; i++) {
      const value = ys[i]!;
      if ((x && (xs[i]! < x[0] || xs[i]! > x[1])) || !Number.isFinite(value) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return null;
  if (log) return low < high ? [low / (high / low) ** 0.04, high * (high / low) ** 0.04] : [low / 2, high * 2];
  const room = low < high ? 0.04 * (high - low) : Math.abs(low) / 2 || 1;
  return [low - room, high + room];
}
