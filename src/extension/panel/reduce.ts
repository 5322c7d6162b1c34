/** A long curve as few points as pixels can show, without losing a peak. */

export interface Curve {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** A curve's first `length` points. Steps rise. */
export interface LongCurve extends Curve {
  readonly length: number;
}

/** The first position whose step is at least (`orEqual`) or above a limit. */
function firstFrom(steps: Float64Array, length: number, limit: number, orEqual: boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! < limit || (!orEqual && steps[middle] === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The visible points, with one more beyond either end, so that lines leave the picture. More than two a bucket are reduced to the least and the greatest of
 * each of `buckets` equal parts of the visible steps, in the order of their steps. On a logarithmic axis, too, the line is whole: values that it has no
 * place for are never a part's greatest unless all are.
 */
export function reduceCurve({ steps, values, length }: LongCurve, range: readonly [number, number] | null, buckets: number): Curve {
  const count = Number.isFinite(buckets) ? Math.max(1, Math.min(100_000, Math.floor(buckets))) : 1;
  if (length === 0) return { steps: new Float64Array(0), values: new Float64Array(0) };
  const [from, to] = range ?? [steps[0]!, steps[length - 1]!];
  const begin = firstFrom(steps, length, from, true);
  const end = firstFrom(steps, length, to, false);
  const before = Math.max(0, begin - 1);
  const after = Math.min(length, end + 1);
  if (after - before <= 2 * count + 2) return { steps: steps.slice(before, after), values: values.slice(before, after) };

  const kept = new Int32Array(2 * count + 2);
  let size = 0;
  if (before < begin) kept[size++] = before;
  const width = (to - from) / count;
  for (let i = begin; i < end; ) {
    const bucket = Math.min(count - 1, Math.floor((steps[i]! - from) / width));
    const edge = bucket === count - 1 ? Infinity : from + (bucket + 1) * width;
    let [least, greatest] = [i, i];
    // The bucket's number, not only its edge, so that rounding cannot give a bucket twice.
    do {
      if (values[i]! < values[least]!) least = i;
      if (values[i]! > values[greatest]!) greatest = i;
      i++;
    } while (i < end && (steps[i]! < edge || Math.floor((steps[i]! - from) / width) <= bucket));
    kept[size++] = Math.min(least, greatest);
    if (least !== greatest) kept[size++] = Math.max(least, greatest);
  }
  if (end < after) kept[size++] = end;
  const pick = (source: Float64Array): Float64Array => Float64Array.from(kept.subarray(0, size), (i) => source[i]!);
  return { steps: pick(steps), values: pick(values) };
}

/**
 * Exponential average s_i = Σ_{j≤i} w^(i−j) v_j / Σ_{j≤i} w^(i−j), w the weight of the past in [0, 1): without the pull towards zero at the start
 * (Kingma and Ba 2015, section 3; TensorBoard's smoothing).
 */
export function smoothed(values: Float64Array, length: number, weight: number): Float64Array {
  const out = new Float64Array(length);
  let [sum, total] = [0, 0];
  for (let i = 0; i < length; i++) {
    sum = weight * sum + values[i]!;
    total = weight * total + 1;
    out[i] = sum / total;
  }
  return out;
}
