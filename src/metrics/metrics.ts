/** How every metric is computed; what they are is in `names.ts`. */
import { energyBetween, energySummary } from './energy-distance';
import { frechetBetween, gaussianOf } from './frechet';
import type { MetricName } from './names';
import { pathwiseRmse } from './pathwise';
import { projectedDistance, projectionDirections, sortedProjections } from './sliced-wasserstein';

/**
 * A metric in two parts: what it needs to know of one set, and the distance of two such summaries. A set that is compared with several others is
 * summarised once, which is nearly all of the work.
 */
export interface Metric<Summary = unknown> {
  /** Samples [n, dimension] flat. `seed` draws the directions or subsets. Throws NOT_COMPARABLE. */
  summarise(samples: Float32Array, dimension: number, seed: number): Summary;
  /** Throws NOT_COMPARABLE. */
  distance(a: Summary, b: Summary): number;
}

/** Forgets the summary's type, which only the metric itself needs to know. */
const metric = <Summary>(definition: Metric<Summary>): Metric => definition;

const PROJECTIONS = 128;

export const METRICS: Readonly<Record<MetricName, Metric>> = {
  swd: metric({
    summarise: (samples, dimension, seed) => sortedProjections(samples, dimension, projectionDirections(dimension, PROJECTIONS, seed)),
    distance: projectedDistance,
  }),
  energy: metric({
    summarise: (samples, dimension, seed) => energySummary(samples, dimension, { seed }),
    distance: energyBetween,
  }),
  frechet: metric({ summarise: gaussianOf, distance: frechetBetween }),
  'pathwise-rmse': metric({ summarise: (samples: Float32Array) => samples, distance: pathwiseRmse }),
};
