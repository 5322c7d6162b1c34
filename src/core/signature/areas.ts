/**
 * The increment and the space-time Lévy area of a coarse interval in the clock θ = exp(2λ), from the noise of its fine steps, as SRK methods for additive noise
 * read them.
 *
 *   W, H    as in `toWHK`, over [θ_from, θ_to] of length Δ; here divided by sqrt(Δ), so that their variances are 1 and 1/12
 *
 * Within a fine step the path is taken for a straight line, which is its expectation given the increments: with v_j the fine steps' shares of Δ the variance of H
 * lacks Σ v_j³ / 12, of M even steps one part in M².
 */
import type { TimeGrid } from '../grid';
import { wienerBasis } from './basis';

/** The factors of the fine steps' noises in W and H: two rows of `to` − `from`, row-major. */
export function areaBasis(fine: TimeGrid, from: number, to: number): Float64Array {
  const w = wienerBasis(fine, from, to);
  let begin = 0;
  const h = w.map((increment) => {
    // In units of Δ the step reaches from here to there, and its part of P_1 is its increment times the middle: H = W/2 − P_1.
    const end = begin + increment ** 2;
    const middle = (begin + end) / 2;
    begin = end;
    return increment * (0.5 - middle);
  });
  return Float64Array.of(...w, ...h);
}
