import type { StepInput } from './sampler';

/** The order of a multistep solver's step n: as many answers as there are yet, and as steps are left where the last ones are to be of lower order. */
export const orderAt = (order: number, { grid, settings }: StepInput, n: number): number => Math.min(order, n + 1, settings.lowerOrderFinal ? grid.steps - n : order);
