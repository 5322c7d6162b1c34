/** How large things are drawn: pure arithmetic of the page. */

/** Whole pixels of a picture's side, so that `columns` of them (with `gap` between) fill `width`; between `least` and `most`. */
export function tileSide(width: number, columns: number, gap: number, least: number, most: number): number {
  const fitting = Math.floor((width - gap * Math.max(0, columns - 1)) / Math.max(1, columns));
  return Math.max(least, Math.min(most, fitting));
}

/** Points that the page can draw in a frame; shared by all series, so that a thousand runs still move smoothly. */
const MOST_POINTS = 24_000;

/** Buckets to ask of each of `series`: one for two pixels (each brings two points), fewer where there are many series, never under 8. */
export function bucketsFor(width: number, series: number): number {
  const pixels = Math.max(64, Math.ceil(width / 2));
  return Math.max(8, Math.min(pixels, Math.floor(MOST_POINTS / 2 / Math.max(1, series))));
}

/** Position between frames as the two frames and the share of the later one. */
export function between(position: number, frames: number): { readonly from: number; readonly to: number; readonly share: number } {
  const clipped = Math.min(Math.max(0, position), Math.max(0, frames - 1));
  const from = Math.floor(clipped);
  return { from, to: Math.min(from + 1, Math.max(0, frames - 1)), share: clipped - from };
}

/** |a − b| of two pictures as one number a pixel in [0, 1]: the largest of the channels. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>, channels: number): Float32Array {
  const out = new Float32Array(a.length / channels);
  for (let i = 0; i < a.length; i++) {
    const pixel = Math.floor(i / channels);
    out[pixel] = Math.max(out[pixel]!, Math.abs(a[i]! - b[i]!) / 255);
  }
  return out;
}
