/**
 * How much of a set of samples lies where the reference does, and how much of the reference they reach. The reference's manifold is estimated by the balls
 * round its items that reach to their k-th nearest other item:
 *
 *     precision   share of the samples inside any ball of the reference      (Kynkäänniemi et al. 2019, equation 2, k = 3)
 *     recall      share of the reference inside any ball of the samples
 *     density     balls of the reference round a sample, its mean over k     (Naeem et al. 2020, equation 4, k = 5)
 *     coverage    share of the reference's balls with a sample inside        (equation 5)
 *
 * A ball holds its border for precision and recall, as in the StyleGAN code and torch-fidelity, and not for density and coverage, as in `prdc`: so equal sets
 * have precision, recall, density and coverage 1. Without unit; higher is better; density may exceed 1.
 */
import { eachRowOfSquares, nearestDistances, type Neighbourhoods } from './neighbours';

export const PRECISION_NEIGHBOURS = 3;
export const DENSITY_NEIGHBOURS = 5;

/** Share of the samples inside the reference's manifold. NaN when an item is not finite. Throws NOT_COMPARABLE when the reference has not more than k items. */
export function precision(samples: Neighbourhoods, reference: Neighbourhoods): number {
  const radii = reference.squaredRadii();
  if (!samples.finite || !reference.finite) return NaN;
  const inside = new Uint8Array(samples.n);
  eachRowOfSquares(samples, reference, (i, squares, at, first, count) => {
    for (let j = 0; inside[i] === 0 && j < count; j++) if (squares[at + j]! <= radii[first + j]!) inside[i] = 1;
  });
  return inside.reduce((sum, one) => sum + one, 0) / samples.n;
}

/** Share of the reference inside the samples' manifold; as `precision`. */
export const recall = (samples: Neighbourhoods, reference: Neighbourhoods): number => precision(reference, samples);

/** As `precision`, with k as the neighbourhoods were made with. */
export function density(samples: Neighbourhoods, reference: Neighbourhoods, k = DENSITY_NEIGHBOURS): number {
  const radii = reference.squaredRadii();
  if (!samples.finite || !reference.finite) return NaN;
  let balls = 0;
  eachRowOfSquares(samples, reference, (_, squares, at, first, count) => {
    for (let j = 0; j < count; j++) if (squares[at + j]! < radii[first + j]!) balls++;
  });
  return balls / (k * samples.n);
}

/** As `precision`. */
export function coverage(samples: Neighbourhoods, reference: Neighbourhoods): number {
  const radii = reference.squaredRadii();
  if (!samples.finite || !reference.finite) return NaN;
  const nearest = nearestDistances(reference.set, samples.set, reference.dimension);
  return nearest.reduce((sum, distance, i) => sum + (distance * distance < radii[i]! ? 1 : 0), 0) / reference.n;
}
