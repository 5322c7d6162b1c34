/** Initial noise that the user brings, so that samples can be compared with another program's. */
import * as fs from 'node:fs';
import { messageOf, SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import type { BrownianPath } from '../diffusion/brownian';
import { decodeNpy } from '../formats/npy';
import * as tf from '../runtime/tf';
import { hashBytes } from '../store/hash';

/** A .npy file of x_T [n, ...item], channels last or, as PyTorch has them, first; the hash is of the file as it was when it was named. */
export interface GivenNoise {
  readonly file: string;
  readonly sha256: string;
}

interface OpenedNoise {
  /** [n, ...item], channels last. */
  readonly values: Float32Array;
  readonly count: number;
}

let last: { key: string; opened: OpenedNoise } | undefined;

/** @throws SigdegError NO_DATA, BAD_FILE for a file that changed, or whose items are not the model's */
export function openNoise({ file, sha256 }: GivenNoise, itemShape: readonly number[]): OpenedNoise {
  const key = `${sha256} ${itemShape.join()}`;
  if (last?.key === key) return last.opened;
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    throw new SigdegError('NO_DATA', `--noise ${file}: cannot be read (${messageOf(error)}): check the path`, { cause: error });
  }
  if (hashBytes(bytes) !== sha256) throw new SigdegError('BAD_FILE', `--noise ${file}: changed since the command began: run it again`);
  const { shape, data } = decodeNpy(bytes, file);
  const [count = 0, ...found] = shape;
  const channelsFirst = itemShape.length === 3 ? [itemShape[2], itemShape[0], itemShape[1]].join() : '';
  const values = Float32Array.from(data);
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw new SigdegError('BAD_FILE', `--noise ${file}: expected finite numbers, found ${values[odd]!} in item ${Math.floor((odd * count) / values.length)}: write it again`);
  if (found.join() === itemShape.join()) last = { key, opened: { values, count } };
  else if (found.join() === channelsFirst) last = { key, opened: { values: channelsLast(values, count, itemShape), count } };
  else throw new SigdegError('BAD_FILE', `--noise ${file}: expected x_T of shape [n, ${itemShape.join(', ')}]${channelsFirst === '' ? '' : ` or [n, ${channelsFirst.replaceAll(',', ', ')}]`}, found [${shape.join(', ')}]`);
  return last.opened;
}

function channelsLast(values: Float32Array, count: number, itemShape: readonly number[]): Float32Array {
  const [height, width, channels] = itemShape as [number, number, number];
  const [pixels, size] = [height * width, height * width * channels];
  const out = new Float32Array(values.length);
  for (let i = 0; i < count; i++) for (let c = 0; c < channels; c++) for (let p = 0; p < pixels; p++) out[i * size + p * channels + c] = values[i * size + c * pixels + p]!;
  return out;
}

/**
 * The path with another beginning. Samplers multiply their initial normals by the first sigma; what is given here is x_T itself.
 * @param first index of the batch's first item. Items behind the file's last keep their own noise.
 */
export function startingAt(path: BrownianPath, { values, count }: OpenedNoise, first: number, sigma: number): BrownianPath {
  return {
    signature: (n, depth) => path.signature(n, depth),
    wiener: (n) => path.wiener(n),
    areas: (n) => path.areas(n),
    part: (from, to) => path.part(from, to),
    initial: () => {
      const own = path.initial();
      const out = own.dataSync<'float32'>().slice();
      const size = sizeOf(own.shape.slice(1));
      const given = values.subarray(first * size, Math.min(count, first + own.shape[0]) * size);
      out.set(given.map((value) => value / sigma));
      return tf.tensor(out, own.shape);
    },
  };
}
