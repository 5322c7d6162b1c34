/** Points of a plane as pixels, the more points the more ink; of a line as the bars of a histogram. */

export interface Limits {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Ink of a pixel by its number of points: one point is seen, many are not more than black. */
const inkOf = (count: number): number => (count === 0 ? 0 : 1 - 0.55 * 0.6 ** (count - 1));

export interface Density {
  /** [side, side], 0 … 255. */
  readonly ink: Uint8Array;
  /** Share of the points that lie outside the limits. */
  readonly outside: number;
}

/**
 * The first two coordinates of items [n, dimension]; of numbers a histogram, whose `y` limits are densities.
 * @param radius of a point's disc, in pixels; 0: the one pixel that it lies in
 */
export function densityRaster(points: Float32Array, dimension: number, limits: Limits, side: number, radius = 0): Density {
  if (dimension === 1) return histogramRaster(points, limits, side);
  const counts = new Uint32Array(side * side);
  const n = Math.floor(points.length / dimension);
  let inside = 0;
  for (let i = 0; i < n; i++) {
    const x = ((points[i * dimension]! - limits.x[0]) / (limits.x[1] - limits.x[0])) * side;
    const y = ((limits.y[1] - points[i * dimension + 1]!) / (limits.y[1] - limits.y[0])) * side;
    if (x >= 0 && x < side && y >= 0 && y < side) {
      mark(counts, side, x, y, radius);
      inside++;
    }
  }
  return { ink: Uint8Array.from(counts, (count) => Math.round(255 * inkOf(count))), outside: n === 0 ? 0 : 1 - inside / n };
}

/** Counts a point in each pixel whose middle its disc covers, and in the one that it lies in. */
function mark(counts: Uint32Array, side: number, x: number, y: number, radius: number): void {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const reach = Math.ceil(radius);
  for (let r = Math.max(0, row - reach); r <= Math.min(side - 1, row + reach); r++) {
    for (let c = Math.max(0, column - reach); c <= Math.min(side - 1, column + reach); c++) {
      if ((c === column && r === row) || Math.hypot(c + 0.5 - x, r + 0.5 - y) <= radius) counts[r * side + c]!++;
    }
  }
}

const BARS = 50;

/** Density of numbers in each of the bars between two limits. */
function barsOf(values: Float32Array, [low, high]: readonly [number, number]): { readonly heights: Float64Array; readonly inside: number } {
  const heights = new Float64Array(BARS);
  let inside = 0;
  for (const value of values) {
    const bar = Math.floor(((value - low) / (high - low)) * BARS);
    if (bar < 0 || bar >= BARS || Number.isNaN(bar)) continue;
    heights[bar]! += BARS / ((high - low) * values.length);
    inside++;
  }
  return { heights, inside };
}

/** A density that leaves some air over the highest bar. */
export const histogramTop = (values: Float32Array, limits: readonly [number, number]): number => 1.15 * Math.max(...barsOf(values, limits).heights) || 1;

function histogramRaster(values: Float32Array, { x, y }: Limits, side: number): Density {
  const { heights, inside } = barsOf(values, x);
  const ink = new Uint8Array(side * side);
  for (let column = 0; column < side; column++) {
    const full = Math.round((side * (heights[Math.floor((column / side) * BARS)]! - y[0])) / (y[1] - y[0]));
    for (let row = Math.max(0, side - full); row < side; row++) ink[row * side + column] = 200;
  }
  return { ink, outside: values.length === 0 ? 0 : 1 - inside / values.length };
}

/** Square limits around the middle 99.8 % of the points in both coordinates, with a little air; for numbers, those of their histogram. */
export function limitsAround(points: Float32Array, dimension: number): Limits {
  const range = (k: number): [number, number] => {
    const values = new Float32Array(Math.floor(points.length / dimension)).map((_, i) => points[i * dimension + k]!).filter(Number.isFinite).sort();
    if (values.length === 0) return [-1, 1];
    return [values[Math.floor(0.001 * (values.length - 1))]!, values[Math.ceil(0.999 * (values.length - 1))]!];
  };
  if (dimension === 1) {
    const [low, high] = range(0);
    const air = Math.max(high - low, 1e-6) * 0.06;
    const x = [low - air, high + air] as const;
    return { x, y: [0, histogramTop(points, x)] };
  }
  const [x, y] = [range(0), range(1)];
  const half = Math.max(x[1] - x[0], y[1] - y[0], 1e-6) * 0.56;
  const around = ([low, high]: readonly [number, number]): [number, number] => [(low + high) / 2 - half, (low + high) / 2 + half];
  return { x: around(x), y: around(y) };
}
