/**
 * How alike two pictures are, one picture against one: PSNR in dB, and SSIM (Wang, Bovik, Sheikh and Simoncelli 2004, eq. 13) with its Gaussian window,
 * as scikit-image computes `structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)`: moments weighted by a Gaussian of 11 pixels,
 * the mean over the pixels whose window lies inside, then over the channels.
 */
const SIGMA = 1.5;
const RADIUS = 5; // the Gaussian is cut at 3.5 sigma
/** Pixels of its side. */
export const SSIM_WINDOW = 2 * RADIUS + 1;
const K1 = 0.01;
const K2 = 0.03;

/** [height, width, channels] */
export type PictureShape = readonly [height: number, width: number, channels: number];

const WINDOW = ((): Float64Array => {
  const weights = Float64Array.from({ length: SSIM_WINDOW }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
})();

/** Peak signal-to-noise ratio in dB; Infinity for equal pictures. @param range the distance between black and white. */
export function psnr(a: ArrayLike<number>, b: ArrayLike<number>, range: number): number {
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10((range * range * a.length) / squares);
}

/** Mean structural similarity, 1 for equal pictures; NaN for pictures smaller than the window of 11 pixels. Pixels are channels last. */
export function ssim(a: ArrayLike<number>, b: ArrayLike<number>, [height, width, channels]: PictureShape, range: number): number {
  if (Math.min(height, width) < SSIM_WINDOW) return NaN;
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += channelSsim(plane(a, height * width, channels, c), plane(b, height * width, channels, c), height, width, range);
  return sum / channels;
}

const plane = (pixels: ArrayLike<number>, count: number, channels: number, c: number): Float64Array => Float64Array.from({ length: count }, (_, i) => pixels[i * channels + c]!);

function channelSsim(x: Float64Array, y: Float64Array, height: number, width: number, range: number): number {
  const blurred = (values: Float64Array): Float64Array => blur(values, height, width);
  const [muX, muY] = [blurred(x), blurred(y)];
  const [xx, yy, xy] = [blurred(x.map((v) => v * v)), blurred(y.map((v) => v * v)), blurred(x.map((v, i) => v * y[i]!))];
  const [c1, c2] = [(K1 * range) ** 2, (K2 * range) ** 2];
  let sum = 0;
  for (let i = 0; i < muX.length; i++) {
    const [mx, my] = [muX[i]!, muY[i]!];
    const [vx, vy, cov] = [xx[i]! - mx * mx, yy[i]! - my * my, xy[i]! - mx * my];
    sum += ((2 * mx * my + c1) * (2 * cov + c2)) / ((mx * mx + my * my + c1) * (vx + vy + c2));
  }
  return sum / muX.length;
}

/** Weighted means under the window where it lies inside: [height − 10, width − 10]. */
function blur(values: Float64Array, height: number, width: number): Float64Array {
  const [h, w] = [height - 2 * RADIUS, width - 2 * RADIUS];
  const rows = new Float64Array(h * width);
  for (let y = 0; y < h; y++) {
    for (let k = 0; k < WINDOW.length; k++) {
      const weight = WINDOW[k]!;
      for (let x = 0; x < width; x++) rows[y * width + x]! += weight * values[(y + k) * width + x]!;
    }
  }
  const out = new Float64Array(h * w);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW.length; k++) sum += WINDOW[k]! * rows[y * width + x + k]!;
      out[y * w + x] = sum;
    }
  }
  return out;
}
