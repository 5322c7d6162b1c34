/**
 * The partial signature in time units. For an interval [t, t + h] of a scalar Brownian motion B
 *   P_k = ∫ (u − t)^k/k! dB_u,  k = 0 … depth − 1,
 * the iterated integral over the word 0…01 (k times the time, then once B) of the path (u, B_u): Ito and Stratonovich agree, as the
 * integrand is deterministic. All words with one Brownian letter are linear images of the P_k.
 */
import { SigdegError } from '../errors';

/** Cov(P_j, P_k) = h^(j+k+1) / ((j+k+1) j! k!), row-major [depth × depth]. */
export function signatureCovariance(h: number, depth: number): Float64Array {
  const covariance = new Float64Array(depth * depth);
  const factorials = factorialsBelow(depth);
  for (let j = 0; j < depth; j++) {
    for (let k = 0; k < depth; k++) {
      covariance[j * depth + k] = h ** (j + k + 1) / ((j + k + 1) * factorials[j]! * factorials[k]!);
    }
  }
  return covariance;
}

/**
 * Chen's relation for adjacent intervals: with (u − t) = hLeft + (u − t − hLeft) on the right one,
 *   P_k = P_k(left) + Σ_i hLeft^(k−i)/(k−i)! P_i(right).
 * @param hLeft the length of the LEFT interval; the right one's does not enter.
 */
export function joinSignatures(left: ArrayLike<number>, right: ArrayLike<number>, hLeft: number): Float64Array {
  if (left.length !== right.length) {
    throw new SigdegError('INTERNAL', `joining signatures: expected equal depths, found ${left.length} and ${right.length}`);
  }
  const factorials = factorialsBelow(left.length);
  return Float64Array.from(left, (value, k) => {
    let joined = value;
    for (let i = 0; i <= k; i++) joined += (hLeft ** (k - i) / factorials[k - i]!) * right[i]!;
    return joined;
  });
}

/**
 * Increment W, space-time Lévy area H and space-time-time Lévy area K (Foster, Lyons and Oberhauser 2020; the diffrax library's letters), from
 * P_0, P_1, P_2 over an interval of length h. Independent, of variance h, h/12 and h/720:
 *   H = 1/h ∫ (B_{t,u} − (u−t)/h W) du = W/2 − P_1/h
 *   K = 1/h² ∫ (B_{t,u} − (u−t)/h W)(h/2 − (u−t)) du = W/12 − P_1/(2h) + P_2/h²
 */
export function toWHK(P: ArrayLike<number>, h: number): { W: number; H: number; K: number } {
  if (P.length < 3) throw new SigdegError('INTERNAL', `W, H and K: expected a signature of depth 3 or more, found ${P.length}`);
  const W = P[0]!;
  return { W, H: W / 2 - P[1]! / h, K: W / 12 - P[1]! / (2 * h) + P[2]! / (h * h) };
}

function factorialsBelow(depth: number): Float64Array {
  const factorials = new Float64Array(depth).fill(1);
  for (let k = 2; k < depth; k++) factorials[k] = k * factorials[k - 1]!;
  return factorials;
}
