/**
 * The partial signature of a coarse interval given only the noises of a few sub-steps, for training pairs that simulate one interval.
 *
 * Sub-step s has the noise ζ_s = w_s · z, w_s ∝ sqrt(Δθ_j) over its fine steps: exactly the noise of its own exponential step. With Q the
 * signature basis of the fine grid and W the rows w_s,
 *   A = Q Wᵀ,    E = Q − A W = R O (rows of O orthonormal),    ξ = A ζ + R η,  η ~ N(0, I)
 * has the same joint law with ζ as ξ = Q z itself, because E z is independent of ζ = W z and E Eᵀ = I − A Aᵀ = R Rᵀ.
 */
import { SigdegError } from '../errors';
import type { TimeGrid } from '../grid';
import { signatureBasis, wienerBasis } from './basis';
import { dot, orthonormaliseRow } from './orthonormal';

export interface ConditionalSignature {
  /** [depth × sub-steps], row-major: the part of ξ that the sub-steps' noises determine. */
  readonly A: Float64Array;
  /** [depth × depth], row-major, lower triangular: what is left; row 0 is zero, since ξ_0 is determined. */
  readonly R: Float64Array;
}

/**
 * A and R of the coarse interval `from` … `to` cut at the fine nodes `subIndices` (both ends included, strictly increasing). R is triangular and
 * not the symmetric root, so that ξ_k is the same number for every depth > k. Rows that the basis lacks (fewer fine steps than
 * `depth`) are zero in both.
 */
export function conditionalSignature(
  fine: TimeGrid,
  from: number,
  to: number,
  depth: number,
  subIndices: ArrayLike<number>,
): ConditionalSignature {
  const subSteps = subIndices.length - 1;
  if (subSteps < 1 || subIndices[0] !== from || subIndices[subSteps] !== to) {
    const found = Array.from(subIndices).join(', ');
    throw new SigdegError('INTERNAL', `conditional signature: expected sub-steps from fine node ${from} to ${to}, found ${found}`);
  }
  const count = to - from;
  const Q = signatureBasis(fine, from, to, depth);
  const A = new Float64Array(depth * subSteps);
  const E = Q.slice();
  for (let s = 0; s < subSteps; s++) {
    const start = subIndices[s]! - from;
    const w = wienerBasis(fine, subIndices[s]!, subIndices[s + 1]!);
    for (let k = 0; k < depth; k++) {
      const a = dot(Q, k * count + start, w, 0, w.length);
      A[k * subSteps + s] = a;
      for (let j = 0; j < w.length; j++) E[k * count + start + j]! -= a * w[j]!;
    }
  }
  const R = new Float64Array(depth * depth);
  const O = E.slice();
  for (let k = 0; k < depth; k++) {
    R[k * depth + k] = orthonormaliseRow(O, k, count);
    for (let i = 0; i < k; i++) R[k * depth + i] = dot(E, k * count, O, i * count, count);
  }
  return { A, R };
}
