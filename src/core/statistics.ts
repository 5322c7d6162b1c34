/** Order statistics and averages of plain numbers. Empty input gives NaN: there is no such number. */

/** Linear interpolation between the order statistics (type 7 of Hyndman and Fan 1996), q in [0, 1]. */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  const position = Math.min(1, Math.max(0, q)) * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

export interface Summary {
  median: number;
  min: number;
  max: number;
}

/** Median and range, in which numbers over several seeds are reported. */
export function summary(values: ArrayLike<number>): Summary {
  return { median: median(values), min: quantile(values, 0), max: quantile(values, 1) };
}

/** The mean of the last `window` values at every position (of fewer at the start). */
export function movingAverage(values: ArrayLike<number>, window: number): Float64Array {
  const averages = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let sum = 0;
    const first = Math.max(0, i - window + 1);
    for (let j = first; j <= i; j++) sum += values[j]!; // no running sum: it would carry a NaN and rounding along
    averages[i] = sum / (i - first + 1);
  }
  return averages;
}
