/** Samples as one small picture without words: for the tree, the hover and the folder of a run. */
import { sizeOf } from '../core/shape';
import { imageGrid } from '../formats/image-grid';
import { encodePng } from '../formats/png';
import { densityRaster, histogramTop, type Limits } from './density';
import { pictureShape, shownChannels } from './image-channels';
import { rgbOf, seriesStyle } from './series';

const MOST_IMAGES = 64;
const SCATTER_SIDE = 320;
/** Model units; datasets are scaled to about this. The same for every picture, so that they can be compared. */
const SPAN = [-2, 2] as const;

/**
 * A PNG of samples [n, …itemShape] in model units: the first images as a grid, a scatter of the first two coordinates, or a histogram where there is one.
 * @param text of its tEXt chunks
 */
export function samplePicture(samples: Float32Array, itemShape: readonly number[], text: Readonly<Record<string, string>> = {}): Uint8Array {
  const shape = pictureShape(itemShape);
  if (shape === undefined) return planePicture(samples, sizeOf(itemShape), text);
  const size = shape[0] * shape[1] * shape[2];
  const images = shownChannels(samples, itemShape);
  const count = Math.min(MOST_IMAGES, Math.floor(images.length / size));
  const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
  return encodePng(imageGrid({ images: images.subarray(0, count * size), itemShape: shape, columns, rows: Math.max(1, Math.ceil(count / columns)), range: [-1, 1] }), text);
}

/** Pixels: the fewer points, the larger, so that a thousand of them are no pale dust; many need none to be seen. */
const dotRadius = (n: number): number => (n <= 3000 ? 1.8 : n <= 10_000 ? 1.3 : n <= 30_000 ? 0.9 : 0);

/** Data are normalised, so that pictures of two samplers have the same span; what lies farther out widens it, but for a few strays. */
function spanOf(samples: Float32Array): readonly [number, number] {
  const sizes = Float32Array.from(samples, Math.abs).filter(Number.isFinite).sort();
  const most = sizes[Math.ceil(0.995 * sizes.length) - 1] ?? 0;
  return most <= SPAN[1] ? SPAN : [-1.05 * most, 1.05 * most];
}

function planePicture(samples: Float32Array, dimension: number, text: Readonly<Record<string, string>>): Uint8Array {
  const span = spanOf(samples);
  const limits: Limits = { x: span, y: dimension === 1 ? [0, histogramTop(samples, span)] : span };
  const { ink } = densityRaster(samples, dimension, limits, SCATTER_SIDE, dotRadius(samples.length / dimension));
  const colour = rgbOf(seriesStyle('dpmpp-2m').colour);
  const data = new Uint8Array(3 * ink.length);
  ink.forEach((value, i) => { colour.forEach((c, k) => (data[3 * i + k] = Math.round(255 - (value / 255) * (255 - c)))); });
  return encodePng({ width: SCATTER_SIDE, height: SCATTER_SIDE, channels: 3, data }, text);
}
