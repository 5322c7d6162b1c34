/** All metrics by name: what to call them in a table and how to compute them. Every one is a distance, so lower is better. */
import { energyDistance } from './energy-distance';
import { frechetDistance } from './frechet';
import { pathwiseRmse } from './pathwise';
import { slicedWasserstein } from './sliced-wasserstein';

export interface Metric {
  readonly label: string;
  /** For the head of a column. */
  readonly short: string;
  /** Of the value, in terms of the unit x of the samples. */
  readonly units: 'x' | 'x²';
  readonly higherIsBetter: false;
  /** Item i of both sets must share its noise; then there is no floor from other seeds. */
  readonly paired: boolean;
  /** Samples and reference: [n, dimension] flat. `seed` draws the directions or subsets. Throws NOT_COMPARABLE. */
  compute(samples: Float32Array, reference: Float32Array, dimension: number, seed: number): number;
}

export const METRICS = {
  swd: {
    label: 'Sliced Wasserstein distance',
    short: 'SWD',
    units: 'x',
    higherIsBetter: false,
    paired: false,
    compute: (samples, reference, dimension, seed) => slicedWasserstein(samples, reference, dimension, { seed }),
  },
  energy: {
    label: 'Energy distance',
    short: 'energy',
    units: 'x',
    higherIsBetter: false,
    paired: false,
    compute: (samples, reference, dimension, seed) => energyDistance(samples, reference, dimension, { seed }),
  },
  frechet: {
    label: 'Fréchet distance',
    short: 'Fréchet',
    units: 'x²',
    higherIsBetter: false,
    paired: false,
    compute: frechetDistance,
  },
  'pathwise-rmse': {
    label: 'Pathwise RMSE',
    short: 'path RMSE',
    units: 'x',
    higherIsBetter: false,
    paired: true,
    compute: pathwiseRmse,
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];
