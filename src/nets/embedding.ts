/** What a network is told of a moment: `size` numbers. */
export interface TimeFeatures {
  readonly size: number;
  /** Writes those of one lambda into `out` at `at`. */
  readonly write: (lambda: number, out: Float32Array, at: number) => void;
}

/** Lambda spans about [−5, 5] under the usual schedules, so the first feature spans [−1, 1]. */
export const LAMBDA_SCALE = 5;

/**
 * Features of half the log-SNR, lambda = log(alpha / sigma): lambda/5 and sin, cos of 2^k (π/2) lambda/5 for k = 0 … octaves − 1. Whatever their number, they begin
 * with lambda/5.
 */
export function lambdaFeatures(octaves: number): TimeFeatures {
  return {
    size: 1 + 2 * octaves,
    write(lambda, out, at) {
      const scaled = lambda / LAMBDA_SCALE;
      out[at] = scaled;
      for (let k = 0; k < octaves; k++) {
        const angle = 2 ** k * (Math.PI / 2) * scaled;
        out[at + 1 + 2 * k] = Math.sin(angle);
        out[at + 2 + 2 * k] = Math.cos(angle);
      }
    },
  };
}

/**
 * The embedding [rows, lambdas.length/rows · size]: row i holds the features of its `perRow` lambdas one after the other.
 * A teacher has one lambda a row, a student two: where its step begins and where it ends.
 */
export function embedRows(lambdas: ArrayLike<number>, perRow: number, { size, write }: TimeFeatures): Float32Array {
  const out = new Float32Array(lambdas.length * size);
  for (let i = 0; i < lambdas.length; i++) write(lambdas[i]!, out, i * size);
  if (lambdas.length % perRow !== 0) throw new RangeError(`expected a multiple of ${perRow} lambdas, found ${lambdas.length}`);
  return out;
}
