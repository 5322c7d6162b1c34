import { embedRows } from '../nets/embedding';
import type { TensorFunction } from '../runtime/recorded';
import * as tf from '../runtime/tf';
import type { BrownianPath } from './brownian';
import type { Denoiser } from './denoiser';
import type { OnStep, SamplerInput, Solver } from './samplers/sampler';

/**
 * Runs a solver from pure noise to the grid's last node and returns x there [batch, ...item]. At the first node x = sigma_0 times a standard normal:
 * there alpha is so small that the data's own share cannot be seen.
 */
export function runSampler(solver: Solver, input: SamplerInput, onStep?: OnStep): tf.Tensor {
  return integrate(solver, input, tf.tidy(() => tf.mul(input.path.initial(), input.grid.sigma[0]!)), onStep);
}

/** As a sampler's input; the noise need only have what the solver asks for. */
export interface IntegrationInput extends Omit<SamplerInput, 'path'> {
  readonly path: Partial<Pick<BrownianPath, 'signature' | 'wiener'>>;
}

/** Runs a solver over the whole grid from a state at its first node, which it disposes of. */
export function integrate(solver: Solver, input: IntegrationInput, start: tf.Tensor, onStep?: OnStep): tf.Tensor {
  const { denoiser, grid, path } = input;
  const step = recordedStep(denoiser, solver.multistep);
  let x = start;
  let memory: tf.Tensor | undefined;
  for (let n = 0; n < grid.steps; n++) {
    const [next, x0] = tf.tidy(() => {
      const { keep, drift, noise, bend } = solver.coefficients(input, n);
      const numbers = [grid.alpha[n]!, grid.sigma[n]!, keep, drift, noise, bend, ...embedRows([grid.lambda[n]!], 1, denoiser.features)];
      const z = solver.noise === 'none' ? undefined : path[solver.noise]?.(n, 1);
      return step({ x, numbers: tf.tensor2d(numbers, [1, numbers.length]), ...(z ? { z } : {}), ...(memory ? { memory } : {}) });
    });
    x.dispose();
    memory?.dispose();
    x = next!;
    memory = x0;
    onStep?.(n, x);
  }
  memory?.dispose();
  return x;
}

/**
 * A step as a function of tensors, so that one recording serves all steps: the state x, the step's numbers [1, 6 + embedding], its noise z and, from the second step
 * of a multistep solver on, the last x0 (`memory`). Gives the next state, and x0 where the next step asks for it.
 */
const recordedStep = (denoiser: Denoiser, multistep: boolean): TensorFunction => denoiser.recordings.of(`${denoiser.name}${multistep ? ', multistep' : ''}`, (inputs) => {
  const { x, numbers, z, memory } = inputs as { x: tf.Tensor; numbers: tf.Tensor2D; z?: tf.Tensor; memory?: tf.Tensor };
  const [alpha, sigma, keep, drift, noise, bend, embedding] = tf.split(numbers, [1, 1, 1, 1, 1, 1, numbers.shape[1] - 6], 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor2D];
  const x0 = denoiser.x0(x, { alpha, sigma, embedding });
  const average = multistep && memory ? tf.add(x0, tf.mul(tf.sub(x0, memory), bend)) : x0;
  const even = tf.add(tf.mul(x, keep), tf.mul(average, drift));
  const next = z ? tf.add(even, tf.mul(z, noise)) : even;
  return multistep ? [next, x0] : [next];
});
