/** Points of a plane as pixels: the more points, the more ink. */

export interface Limits {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Ink of a pixel by its number of points: one point is seen, many are not more than black. */
const inkOf = (count: number): number => (count === 0 ? 0 : 1 - 0.55 * 0.6 ** (count - 1));

/** Square picture [side, side] of the first two coordinates of items [n, dimension]; 0 … 255; and the share of the points that lie outside the limits. */
export function densityRaster(points: Float32Array, dimension: number, limits: Limits, side: number): { readonly ink: Uint8Array; readonly outside: number } {
  const counts = new Uint32Array(side * side);
  const n = Math.floor(points.length / dimension);
  let inside = 0;
  for (let i = 0; i < n; i++) {
    const column = Math.floor(((points[i * dimension]! - limits.x[0]) / (limits.x[1] - limits.x[0])) * side);
    const row = Math.floor(((limits.y[1] - points[i * dimension + 1]!) / (limits.y[1] - limits.y[0])) * side);
    if (column >= 0 && column < side && row >= 0 && row < side) {
      counts[row * side + column]!++;
      inside++;
    }
  }
  return { ink: Uint8Array.from(counts, (count) => Math.round(255 * inkOf(count))), outside: n === 0 ? 0 : 1 - inside / n };
}

/** Square limits around the middle 99.8 % of the points in both coordinates, with a little air. */
export function limitsAround(points: Float32Array, dimension: number): Limits {
  const range = (k: number): [number, number] => {
    const values = new Float32Array(Math.floor(points.length / dimension)).map((_, i) => points[i * dimension + k]!).filter(Number.isFinite).sort();
    if (values.length === 0) return [-1, 1];
    return [values[Math.floor(0.001 * (values.length - 1))]!, values[Math.ceil(0.999 * (values.length - 1))]!];
  };
  const [x, y] = [range(0), range(1)];
  const half = Math.max(x[1] - x[0], y[1] - y[0], 1e-6) * 0.56;
  const around = ([low, high]: readonly [number, number]): [number, number] => [(low + high) / 2 - half, (low + high) / 2 + half];
  return { x: around(x), y: around(y) };
}
