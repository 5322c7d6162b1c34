import { PRODUCTS_PART } from './covariance';
import { ACROSS_PART, WITHIN_PART } from './kid';
import type { Part } from './parallel';
import { PROJECTIONS_PART } from './sliced-wasserstein';

/** Every part of `parallel.ts` by its name, for the thread that is sent one. */
export const PARTS: ReadonlyMap<string, Part<never, unknown>> = new Map([PRODUCTS_PART, WITHIN_PART, ACROSS_PART, PROJECTIONS_PART].map((part) => [part.name, part]));
