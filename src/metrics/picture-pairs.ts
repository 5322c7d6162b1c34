/** How alike two sets of pictures are, pair by pair: item i of both started from the same noise and followed the same path. */
import { SigdegError } from '../core/errors';
import { mean } from '../core/statistics';
import { psnr, ssim, SSIM_WINDOW, type PictureShape } from './likeness';
import { checkPaired, itemCount } from './sample-set';

/** Between black and white: the pixels of a model are in [−1, 1]. */
export const PIXEL_RANGE = 2;

/** What is seen of a model's pixels: cut to [−1, 1]; NaN where one is not finite, so that no broken picture looks good. */
export const seenPixels = (pixels: Float32Array): Float32Array => pixels.map((value) => (Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : NaN));

/** Pictures as they are seen, [n, height, width, channels] flat. */
export interface Pictures {
  readonly pixels: Float32Array;
  readonly shape: PictureShape;
}

/** Throws NOT_COMPARABLE for items that are no pictures, [height, width] or [height, width, channels]. */
export function picturesOf(samples: Float32Array, itemShape: readonly number[]): Pictures {
  const [height, width, channels = 1] = itemShape;
  if (itemShape.length < 2 || itemShape.length > 3 || height === undefined || width === undefined) {
    throw new SigdegError('NOT_COMPARABLE', `expected pictures [height, width, channels] for PSNR and SSIM, found items of shape [${itemShape.join(', ')}]; leave these metrics out`);
  }
  return { pixels: seenPixels(samples), shape: [height, width, channels] };
}

/** Mean PSNR over pairs of pictures, in dB; higher is better. Infinity when a pair is equal. Throws NOT_COMPARABLE when the sizes differ or are zero. */
export const meanPsnr = (a: Pictures, b: Pictures): number => meanOverPairs(a, b, (x, y) => psnr(x, y, PIXEL_RANGE));

/** Mean SSIM over pairs of pictures; higher is better. Throws NOT_COMPARABLE when the sizes differ or are zero, or pictures are smaller than the window. */
export function meanSsim(a: Pictures, b: Pictures): number {
  const [height, width] = a.shape;
  if (Math.min(height, width) < SSIM_WINDOW) throw new SigdegError('NOT_COMPARABLE', `expected pictures of at least ${SSIM_WINDOW} × ${SSIM_WINDOW} pixels for SSIM, found ${height} × ${width}; leave this metric out`);
  return meanOverPairs(a, b, (x, y) => ssim(x, y, a.shape, PIXEL_RANGE));
}

function meanOverPairs({ pixels: a, shape }: Pictures, { pixels: b }: Pictures, likeness: (a: Float32Array, b: Float32Array) => number): number {
  checkPaired(a, b);
  const size = shape[0] * shape[1] * shape[2];
  const item = (pixels: Float32Array, i: number): Float32Array => pixels.subarray(i * size, (i + 1) * size);
  return mean(Array.from({ length: itemCount(a, size) }, (_, i) => likeness(item(a, i), item(b, i))));
}
