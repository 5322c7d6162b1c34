/** Resizing of images, by the rules that feature extractors were made with: another rule moves a Fréchet distance by more than models differ (Parmar et al., arXiv 2104.11222). */

/**
 * bilinear: PyTorch's interpolate with align_corners=False, without antialiasing (pytorch-fid). bilinear-tf1: TensorFlow 1's, whose pixels sit at their corners
 * (torch-fidelity). bicubic: Pillow's, a = −1/2 with antialiasing (clean-fid).
 */
export const RESIZE_RULES = ['bilinear', 'bilinear-tf1', 'bicubic'] as const;
export type ResizeRule = (typeof RESIZE_RULES)[number];

/** Pixels [from, from + weights.length) of a line, and how much each counts. */
interface Taps {
  readonly from: number;
  readonly weights: readonly number[];
}

/** The two pixels around a place on a line of `length`. */
function between(place: number, length: number): Taps {
  const at = Math.min(Math.max(place, 0), length - 1);
  const from = Math.floor(at);
  return from + 1 < length ? { from, weights: [1 - (at - from), at - from] } : { from, weights: [1] };
}

/** Keys' cubic kernel with a = −1/2, as wide as an output pixel where that is larger than an input's. */
function cubic(centre: number, scale: number, length: number): Taps {
  const width = Math.max(1, scale);
  const from = Math.max(0, Math.trunc(centre - 2 * width + 0.5));
  const to = Math.min(length, Math.trunc(centre + 2 * width + 0.5));
  const raw = Array.from({ length: to - from }, (_, k) => kernel((from + k - centre + 0.5) / width));
  const sum = raw.reduce((a, b) => a + b, 0);
  return { from, weights: raw.map((weight) => weight / sum) };
}

function kernel(offset: number): number {
  const x = Math.abs(offset);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** Taps of output pixel i, where an output pixel is as wide as `scale` of the `length` input pixels. */
const TAPS: Record<ResizeRule, (i: number, scale: number, length: number) => Taps> = {
  bilinear: (i, scale, length) => between((i + 0.5) * scale - 0.5, length),
  'bilinear-tf1': (i, scale, length) => between(i * scale, length),
  bicubic: (i, scale, length) => cubic((i + 0.5) * scale, scale, length),
};

/** One image [height, width, channels] at another size [to.height, to.width, channels]: along the lines, then across them. */
export function resizeImage(image: Float32Array, from: { height: number; width: number; channels: number }, to: { height: number; width: number }, rule: ResizeRule): Float32Array {
  const { height, width, channels } = from;
  const wide = alongAxis(image, { before: height, length: width, after: channels }, to.width, rule);
  return alongAxis(wide, { before: 1, length: height, after: to.width * channels }, to.height, rule);
}

/** The middle axis of [before, length, after] at another length. */
function alongAxis(values: Float32Array, { before, length, after }: { before: number; length: number; after: number }, wanted: number, rule: ResizeRule): Float32Array {
  const taps = Array.from({ length: wanted }, (_, i) => TAPS[rule](i, length / wanted, length));
  const out = new Float32Array(before * wanted * after);
  const sums = new Float64Array(after);
  for (let b = 0; b < before; b++) {
    taps.forEach(({ from, weights }, i) => {
      sums.fill(0);
      weights.forEach((weight, k) => {
        const at = (b * length + from + k) * after;
        for (let a = 0; a < after; a++) sums[a]! += weight * values[at + a]!;
      });
      out.set(sums, (b * wanted + i) * after);
    });
  }
  return out;
}
