import { energyDistance } from './energy-distance';
import { frechetDistance } from './frechet';
import { pathwiseRmse } from './pathwise';
import { slicedWasserstein } from './sliced-wasserstein';

/** Every metric on two sets [n, dimension]: zero or near it for equal sets, larger is worse. */
export const METRICS = {
  swd: (a: Float32Array, b: Float32Array, dimension: number): number => slicedWasserstein(a, b, dimension),
  energy: energyDistance,
  frechet: frechetDistance,
  'pathwise-rmse': pathwiseRmse,
} as const;
