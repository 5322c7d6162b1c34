/**
 * What a partial signature keeps of a Brownian path: the path's expectation given the signature terms.
 *
 *   z_j                    the noise of fine step j; B, in the clock θ = exp(2λ), has the increments sqrt(Δθ_j) z_j
 *   U = B(θ)/√θ            the same path in units of its standard deviation, so that all of it can be seen; U at the first node is x_T's noise
 *   ẑ = Qᵀ Q z             E[z | ξ], since ξ = Q z with orthonormal rows Q and z is standard normal (`signatureBasis`); Û is U made of ẑ
 *
 * At the ends of the coarse intervals Û = U for every depth ≥ 1: there B is a sum of the ξ_0 alone. With as many terms as fine steps ẑ = z.
 */
import type { TimeGrid } from '../grid';
import { signatureBasis } from './basis';
import { dot } from './orthonormal';

/** U at the fine nodes, `fine.steps` + 1 numbers. @param initial U at the first node. @param z one normal a fine step. */
export function standardisedPath(fine: TimeGrid, initial: number, z: ArrayLike<number>): Float64Array {
  const path = new Float64Array(fine.steps + 1);
  path[0] = initial;
  for (let j = 0; j < fine.steps; j++) {
    const h = fine.lambda[j + 1]! - fine.lambda[j]!;
    path[j + 1] = Math.exp(-h) * path[j]! + Math.sqrt(-Math.expm1(-2 * h)) * z[j]!;
  }
  return path;
}

/**
 * E[z | ξ_0 … ξ_{m−1} of every coarse interval] for m = 1 … depth: `depth` arrays of `fine.steps` numbers.
 * @param indices coarse nodes as indices into `fine`, ascending, from 0 to `fine.steps`.
 */
export function expectedNoise(fine: TimeGrid, indices: ArrayLike<number>, depth: number, z: Float64Array): Float64Array[] {
  const expected = Array.from({ length: depth }, () => new Float64Array(fine.steps));
  for (let n = 0; n + 1 < indices.length; n++) {
    const from = indices[n]!;
    const count = indices[n + 1]! - from;
    const Q = signatureBasis(fine, from, from + count, depth);
    const sum = new Float64Array(count);
    for (let k = 0; k < depth; k++) {
      const xi = dot(Q, k * count, z, from, count);
      for (let j = 0; j < count; j++) sum[j]! += xi * Q[k * count + j]!;
      expected[k]!.set(sum, from);
    }
  }
  return expected;
}
