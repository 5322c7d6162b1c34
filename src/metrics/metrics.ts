/** How every metric is computed; what they are is in `names.ts`. */
import { sizeOf } from '../core/shape';
import { shareConfident } from './confident';
import { energyBetween, energySummary } from './energy-distance';
import { frechetBetween, gaussianOf } from './frechet';
import { frechetInfinity, gaussiansBySize } from './frechet-infinity';
import { gaussianMmd, gaussianMmdSummary } from './gaussian-mmd';
import { kidBetween, kidSummary } from './kid';
import { coverage, density, DENSITY_NEIGHBOURS, precision, PRECISION_NEIGHBOURS, recall } from './manifold';
import { shareMemorised } from './memorised';
import type { MetricName } from './names';
import { neighbourhoods } from './neighbours';
import { pathwiseRmse } from './pathwise';
import { meanPsnr, meanSsim, picturesOf } from './picture-pairs';
import { projectedDistance, projectionDirections, sortedProjections } from './sliced-wasserstein';

/**
 * A metric in two parts: what it needs to know of one set, and the value for two such summaries. A set that is compared with several others is summarised
 * once, which is most of the work.
 */
export interface Metric<Summary = unknown> {
  /** Samples [n, …item] flat and the shape of an item; of features it is [dimension]. `seed` draws the directions or subsets. Throws NOT_COMPARABLE. */
  summarise(samples: Float32Array, itemShape: readonly number[], seed: number): Summary;
  /** Of a set to the reference: not every metric is symmetric. Throws NOT_COMPARABLE. */
  distance(samples: Summary, reference: Summary): number;
}

/** Forgets the summary's type, which only the metric itself needs to know. */
const metric = <Summary>(definition: Metric<Summary>): Metric => definition;

/** A metric of flat items. */
const flat = <Summary>(summarise: (samples: Float32Array, dimension: number, seed: number) => Summary, distance: (samples: Summary, reference: Summary) => number): Metric =>
  metric({ summarise: (samples, itemShape, seed) => summarise(samples, sizeOf(itemShape), seed), distance });

const PROJECTIONS = 128;

export const METRICS: Readonly<Record<MetricName, Metric>> = {
  swd: flat((samples, dimension, seed) => sortedProjections(samples, dimension, projectionDirections(dimension, PROJECTIONS, seed)), projectedDistance),
  energy: flat((samples, dimension, seed) => energySummary(samples, dimension, { seed }), energyBetween),
  frechet: flat(gaussianOf, frechetBetween),
  'frechet-infinity': flat(gaussiansBySize, frechetInfinity),
  kid: flat((samples, dimension, seed) => kidSummary(samples, dimension, { seed }), kidBetween),
  mmd: flat((samples, dimension, seed) => gaussianMmdSummary(samples, dimension, { seed }), gaussianMmd),
  precision: flat((samples, dimension) => neighbourhoods(samples, dimension, PRECISION_NEIGHBOURS), precision),
  recall: flat((samples, dimension) => neighbourhoods(samples, dimension, PRECISION_NEIGHBOURS), recall),
  density: flat((samples, dimension) => neighbourhoods(samples, dimension, DENSITY_NEIGHBOURS), density),
  coverage: flat((samples, dimension) => neighbourhoods(samples, dimension, DENSITY_NEIGHBOURS), coverage),
  // Of one set alone: what the reference scores is its floor.
  confident: flat(shareConfident, (samples) => samples),
  memorised: flat(shareMemorised, (samples) => samples),
  'pathwise-rmse': metric({ summarise: (samples: Float32Array) => samples, distance: pathwiseRmse }),
  psnr: metric({ summarise: picturesOf, distance: meanPsnr }),
  ssim: metric({ summarise: picturesOf, distance: meanSsim }),
};
