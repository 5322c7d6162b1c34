import * as tf from '../runtime/tf';
import type { TimeFeatures } from './embedding';
import type { Weights } from './parameters';
import type { Unet2dArchitecture } from './unet2d-config';

/**
 * How diffusers' UNet2DModel sees the time, which for it is the index of a training step. Angles reach 1000, where a float32 knows them to 6e−5 only, so
 * every product is rounded as PyTorch rounds it.
 */
const { fround } = Math;
const MAX_PERIOD = 10000;

/** What the host writes of one time. Positional: the sines themselves. Fourier: the time and its logarithm, which meet trained frequencies in the network. */
export function timestepFeatures(a: Unet2dArchitecture, timestep: (lambda: number) => number): TimeFeatures {
  const size = a.block_out_channels[0]!;
  if (a.time_embedding_type === 'fourier') {
    return {
      size: 2,
      write(lambda, out, at) {
        const t = timestep(lambda);
        out[at] = t;
        // Index 0 ends a path and begins none, so that its features only have to be finite.
        out[at + 1] = Math.log(Math.max(t, 0.5));
      },
    };
  }
  const frequencies = positionalFrequencies(a);
  return { size, write: (lambda, out, at) => { positional(a, frequencies, timestep(lambda), out, at); } };
}

/** exp(−log(10000) k / (half − freq_shift)), k = 0 … half − 1 (Ho et al., arXiv 2006.11239, in diffusers' form). */
function positionalFrequencies({ block_out_channels, freq_shift }: Unet2dArchitecture): Float32Array {
  const half = Math.floor(block_out_channels[0]! / 2);
  return Float32Array.from({ length: half }, (_, k) => Math.exp(fround(fround(fround(-Math.log(MAX_PERIOD)) * k) / fround(half - freq_shift))));
}

/** An odd size leaves the last number zero. */
function positional({ flip_sin_to_cos }: Unet2dArchitecture, frequencies: Float32Array, time: number, out: Float32Array, at: number): void {
  const half = frequencies.length;
  const [sine, cosine] = flip_sin_to_cos ? [at + half, at] : [at, at + half];
  frequencies.forEach((frequency, k) => {
    const angle = fround(fround(time) * frequency);
    out[sine + k] = Math.sin(angle);
    out[cosine + k] = Math.cos(angle);
  });
}

/** The projection of a class number by `class_embed_type: timestep` [1, size]. */
export function classProjection(w: Weights, a: Unet2dArchitecture, label: number): tf.Tensor2D {
  if (a.time_embedding_type === 'fourier') return fourier(w, tf.tensor2d([[Math.log(label)]]));
  const row = new Float32Array(a.block_out_channels[0]!);
  positional(a, positionalFrequencies(a), label, row, 0);
  return tf.tensor2d(row, [1, row.length]);
}

/** sin and cos of 2π W log t, for the logarithms [rows, 1] → [rows, 2 · frequencies] (Song et al., arXiv 2011.13456). */
export function fourier(w: Weights, logarithm: tf.Tensor2D): tf.Tensor2D {
  const weight = w('time_proj.weight');
  const angle = tf.mul(tf.mul(tf.mul(logarithm, tf.reshape(weight, [1, -1])), 2), Math.PI);
  return tf.concat2d([tf.sin(angle) as tf.Tensor2D, tf.cos(angle) as tf.Tensor2D], 1);
}
