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

export interface SamplerInput {
  readonly denoiser: Denoiser;
  readonly schedule: NoiseSchedule;
  /** The coarse grid, noisiest node first. */
  readonly grid: TimeGrid;
  readonly path: BrownianPath;
  readonly settings: SamplerSettings;
}

/**
 * One step of a sampler from node n to n + 1. `memory` holds what a multistep solver keeps from its previous step (and is undefined at the first);
 * the driver disposes of it.
 */
export type SamplerStep = (input: SamplerInput, n: number, x: tf.Tensor, memory: tf.Tensor | undefined) => { x: tf.Tensor; memory?: tf.Tensor };
