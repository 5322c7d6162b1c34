import * as tf from '../runtime/tf';
import type { OnStep, SamplerInput, SamplerStep } from './samplers/sampler';

/**
 * Runs a solver from pure noise to the grid's last node and returns x there [batch, ...item]. At the first node x = sigma_0 times a standard normal:
 * there alpha is so small that the data's own share cannot be seen.
 */
export function runSampler(step: SamplerStep, input: SamplerInput, onStep?: OnStep): tf.Tensor {
  let x = tf.tidy(() => tf.mul(input.path.initial(), input.grid.sigma[0]!));
  let memory: tf.Tensor | undefined;
  for (let n = 0; n < input.grid.steps; n++) {
    const next = tf.tidy(() => step(input, n, x, memory));
    x.dispose();
    memory?.dispose();
    x = next.x;
    memory = next.memory;
    onStep?.(n, x);
  }
  memory?.dispose();
  return x;
}
