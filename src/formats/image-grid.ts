/** Lays images out as the tiles of one picture: a row for each seed, a column for each sampler, or however the caller orders them. */
import type { PngImage } from './png';

export interface ImageGridSpec {
  /** Images [at most rows × columns, H, W, C] flat, row of tiles after row; missing tiles at the end stay background. */
  readonly images: Float32Array | Uint8Array;
  /** [H, W, 1] or [H, W, 3]. */
  readonly itemShape: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Values drawn black and white; outside they are clipped. Default 0 and 255. */
  readonly range?: readonly [low: number, high: number];
  /** Pixels between tiles and around them. Default 2. */
  readonly margin?: number;
  /** Free pixels at the left and the top, for labels. Default 0. */
  readonly left?: number;
  readonly top?: number;
  /** Every pixel of a tile becomes zoom × zoom. Default 1. */
  readonly zoom?: number;
  /** Grey of the background, 0..255. Default 255. */
  readonly background?: number;
}

export interface ImageGrid extends PngImage {
  /** Pixel of the first column of tiles in each column, and of the first row in each row: where labels go. */
  readonly tileX: readonly number[];
  readonly tileY: readonly number[];
}

/** Throws RangeError when the shape is no image, the images do not fill whole tiles or there are more of them than tiles. */
export function imageGrid(spec: ImageGridSpec): ImageGrid {
  const { images, rows, columns, range = [0, 255], margin = 2, left = 0, top = 0, zoom = 1, background = 255 } = spec;
  const [height, width, channels] = spec.itemShape;
  if (spec.itemShape.length !== 3 || height === undefined || width === undefined || (channels !== 1 && channels !== 3)) {
    throw new RangeError(`image grid: expected images [H, W, 1] or [H, W, 3], found [${spec.itemShape.join(', ')}]`);
  }
  const size = height * width * channels;
  const count = images.length / size;
  if (!Number.isInteger(count) || count > rows * columns) {
    throw new RangeError(`image grid: expected at most ${rows} × ${columns} images of ${size} values, found ${images.length} values`);
  }
  const pitchX = width * zoom + margin;
  const pitchY = height * zoom + margin;
  const tileX = Array.from({ length: columns }, (_, column) => left + margin + column * pitchX);
  const tileY = Array.from({ length: rows }, (_, row) => top + margin + row * pitchY);
  const gridWidth = left + margin + columns * pitchX;
  const gridHeight = top + margin + rows * pitchY;
  const data = new Uint8ClampedArray(gridWidth * gridHeight * channels).fill(background); // it rounds, clips and makes NaN black
  const [low, high] = range;
  const gain = 255 / (high - low);
  for (let tile = 0; tile < count; tile++) {
    const x0 = tileX[tile % columns]!;
    const y0 = tileY[Math.floor(tile / columns)]!;
    for (let y = 0; y < height * zoom; y++) {
      const from = tile * size + Math.floor(y / zoom) * width * channels;
      const to = ((y0 + y) * gridWidth + x0) * channels;
      for (let x = 0; x < width * zoom; x++) {
        for (let c = 0; c < channels; c++) {
          data[to + x * channels + c] = (images[from + Math.floor(x / zoom) * channels + c]! - low) * gain;
        }
      }
    }
  }
  return { width: gridWidth, height: gridHeight, channels, data: new Uint8Array(data.buffer), tileX, tileY };
}
