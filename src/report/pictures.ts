import { encodePng } from '../formats/png';

const MOST_IMAGES = 64;
const SCATTER_SIDE = 320;

/** A PNG of samples in model units: the first images as a grid, or a scatter of all points over [−2, 2]². */
export function samplePicture(samples: Float32Array, itemShape: readonly number[]): Uint8Array {
  return itemShape.length === 1 ? scatterPicture(samples, itemShape[0]!) : imageGrid(samples, itemShape as [number, number, number]);
}

/** Points [n, d] by their first two coordinates, darker where there are more. */
export function scatterPicture(samples: Float32Array, dimension: number): Uint8Array {
  const side = SCATTER_SIDE;
  const counts = new Float64Array(side * side);
  for (let i = 0; i + dimension <= samples.length; i += dimension) {
    const column = Math.floor(((samples[i]! + 2) / 4) * side);
    const row = Math.floor(((2 - samples[i + 1]!) / 4) * side);
    if (column >= 0 && column < side && row >= 0 && row < side) counts[row * side + column]!++;
  }
  const data = new Uint8Array(3 * side * side);
  counts.forEach((count, i) => {
    const ink = count === 0 ? 0 : 1 - 0.55 * 0.6 ** (count - 1);
    [0, 114, 178].forEach((c, k) => (data[3 * i + k] = Math.round(255 - ink * (255 - c))));
  });
  return encodePng({ width: side, height: side, channels: 3, data });
}

/** Images [n, height, width, channels] with pixels in [−1, 1], as square a grid as they allow. */
export function imageGrid(samples: Float32Array, [height, width, channels]: [number, number, number], columns?: number): Uint8Array {
  const size = height * width * channels;
  const count = columns === undefined ? Math.min(MOST_IMAGES, samples.length / size) : samples.length / size;
  const across = columns ?? Math.ceil(Math.sqrt(count));
  const down = Math.ceil(count / across);
  const [w, h] = [across * (width + 2) + 2, down * (height + 2) + 2];
  const kept = channels === 3 ? 3 : 1;
  const data = new Uint8Array(w * h * kept).fill(255);
  for (let n = 0; n < count; n++) {
    const [left, top] = [2 + (n % across) * (width + 2), 2 + Math.floor(n / across) * (height + 2)];
    for (let p = 0; p < height * width; p++) {
      for (let c = 0; c < kept; c++) {
        const value = samples[n * size + p * channels + c]!;
        const at = (top + Math.floor(p / width)) * w + left + (p % width);
        data[at * kept + c] = Math.max(0, Math.min(255, Math.round((value + 1) * 127.5)));
      }
    }
  }
  return encodePng({ width: w, height: h, channels: kept, data });
}
