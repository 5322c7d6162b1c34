/**
 * The partial signature of a coarse interval from the noise of its fine steps.
 *
 *   θ = exp(2λ) = α²/σ²        the clock in which the backward SDE of a VP process has unit additive noise
 *   Δθ_j                       of fine step j of the interval, z_j ~ N(0, I) its noise: the Brownian increment is sqrt(Δθ_j) z_j
 *   c_j                        the step's midpoint in λ, scaled to [−1, 1] over the interval
 *   v_k[j] = sqrt(Δθ_j) c_j^k  k = 0 … depth − 1; q_k = Gram–Schmidt of the v_k: discrete shifted Legendre polynomials
 *   ξ_k = q_k · z              exactly iid N(0, 1); ξ_0 is the noise of the exponential step over the whole interval
 */
import { SigdegError } from '../errors';
import type { TimeGrid } from '../grid';
import { orthonormaliseRow } from './orthonormal';

/**
 * The q_k over the fine steps `from` … `to` − 1, row-major [depth × (to − from)]. Row k depends on the rows before it only, so a smaller depth
 * gives the first rows of a larger one. An interval of M < depth fine steps has M independent noises: rows M … depth − 1 are zero.
 */
export function signatureBasis(fine: TimeGrid, from: number, to: number, depth: number): Float64Array {
  checkInterval(fine, from, to);
  const count = to - from;
  const rows = new Float64Array(depth * count);
  if (depth === 0) return rows;
  rows.set(wienerBasis(fine, from, to));
  const start = fine.lambda[from]!;
  const width = fine.lambda[to]! - start;
  const midpoints = Float64Array.from(
    { length: count },
    (_, j) => (fine.lambda[from + j]! + fine.lambda[from + j + 1]! - 2 * start) / width - 1,
  );
  for (let k = 1; k < Math.min(depth, count); k++) {
    // c · q_(k−1) in the place of v_k: the same q_k in exact arithmetic, without the near-dependence of high powers
    for (let j = 0; j < count; j++) rows[k * count + j] = midpoints[j]! * rows[(k - 1) * count + j]!;
    orthonormaliseRow(rows, k, count);
  }
  return rows;
}

/** q_0 alone: ∝ sqrt(Δθ_j), of unit length. Its product with the fine noise is the noise of one exponential step over the interval. */
export function wienerBasis(fine: TimeGrid, from: number, to: number): Float64Array {
  checkInterval(fine, from, to);
  const row = Float64Array.from({ length: to - from }, (_, j) => Math.sqrt(thetaIncrement(fine, from + j, to)));
  const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  return row.map((value) => value / norm);
}

/** ∝ sqrt(Δt_j), of unit length: its product with the fine noise is the increment, over the interval, of the Brownian motion in the clock t. */
export function timeBasis(fine: TimeGrid, from: number, to: number): Float64Array {
  checkInterval(fine, from, to);
  const span = fine.t[from]! - fine.t[to]!;
  return Float64Array.from({ length: to - from }, (_, j) => Math.sqrt((fine.t[from + j]! - fine.t[from + j + 1]!) / span));
}

/** Δθ of fine step j in units of θ at node `unit`, which keeps it far from overflow. */
function thetaIncrement(fine: TimeGrid, j: number, unit: number): number {
  const lambda = fine.lambda[j]!;
  return Math.exp(2 * (lambda - fine.lambda[unit]!)) * Math.expm1(2 * (fine.lambda[j + 1]! - lambda));
}

function checkInterval(fine: TimeGrid, from: number, to: number): void {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to <= from || to > fine.steps) {
    throw new SigdegError('INTERNAL', `signature: expected fine steps 0 <= from < to <= ${fine.steps}, found ${from} to ${to}`);
  }
}
