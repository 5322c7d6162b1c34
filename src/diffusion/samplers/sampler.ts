import type { TimeGrid } from '../../core/grid';
import type { NoiseSchedule } from '../../core/schedule';
import type * as tf from '../../runtime/tf';
import type { BrownianPath } from '../brownian';
import type { Denoiser } from '../denoiser';

/** Called after every step with the state it reached (valid until the callback returns). */
export type OnStep = (n: number, x: tf.Tensor) => void;

export interface SamplerSettings {
  /** Multistep solvers take their last step at first order, which steadies few-step runs. */
  readonly lowerOrderFinal: boolean;
}

/** What the coefficients of a step depend on. */
export interface StepInput {
  readonly schedule: NoiseSchedule;
  /** The coarse grid, noisiest node first. */
  readonly grid: TimeGrid;
  readonly settings: SamplerSettings;
}

export interface SamplerInput extends StepInput {
  readonly denoiser: Denoiser;
  readonly path: BrownianPath;
}

/**
 * The numbers of one step, x_{n+1} = keep x_n + drift D + noise z with D = x0_n + bend (x0_n − x0_{n−1}). All solvers have this form, so that one recorded step
 * serves them all.
 */
export interface StepCoefficients {
  readonly keep: number;
  readonly drift: number;
  readonly noise: number;
  /** Zero at order 1; a multistep solver's share of the change of x0 since its last step. */
  readonly bend: number;
}

export interface Solver {
  /** What z is: the first signature term xi_0 of the step, the increment in t, or nothing for an ODE solver. */
  readonly noise: 'signature' | 'wiener' | 'none';
  /** Whether `bend` is ever used, so that the previous x0 must be kept. */
  readonly multistep: boolean;
  /** The step from node n to n + 1. */
  coefficients(input: StepInput, n: number): StepCoefficients;
}
