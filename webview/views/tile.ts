/** One picture of a grid on its canvas: as it is, under the teacher's wipe, or as its difference from the teacher. */
import { cividis } from '../../src/report/colour-scale';
import { difference } from '../layout';
import type { ImageColumn, ImageGrid } from '../protocol';

/** Differences are drawn on a scale that ends here, as most are small. */
export const DIFFERENCE_END = 0.5;

/** Item `row` of a column as canvas pixels. */
export function pictureOf({ width, height, channels }: ImageGrid, column: ImageColumn, row: number): HTMLCanvasElement {
  const own = itemPixels(width * height * channels, column, row);
  return fromPixels(width, height, (pixel, rgba) => {
    for (let c = 0; c < 3; c++) rgba[c] = own[pixel * channels + (channels === 3 ? c : 0)]!;
  });
}

/** |item − teacher's item| in colours from none (dark) to half the range and more (yellow). */
export function differenceOf({ width, height, channels }: ImageGrid, column: ImageColumn, teacher: ImageColumn, row: number): HTMLCanvasElement {
  const size = width * height * channels;
  const distance = difference(itemPixels(size, column, row), itemPixels(size, teacher, row), channels);
  return fromPixels(width, height, (pixel, rgba) => { rgba.set(cividis(distance[pixel]! / DIFFERENCE_END)); });
}

/** Draws pictures `side` CSS pixels wide, the teacher left of `wipe` (0 … 1). */
export function drawTile(canvas: HTMLCanvasElement, side: number, own: HTMLCanvasElement, over: { readonly picture: HTMLCanvasElement; readonly wipe: number; readonly line: string } | null): void {
  const density = devicePixelRatio || 1;
  const [w, h] = [Math.round(side * density), Math.round((side * density * own.height) / own.width)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  canvas.style.width = `${side}px`;
  const context = canvas.getContext('2d')!;
  context.imageSmoothingEnabled = false;
  context.drawImage(own, 0, 0, w, h);
  if (over === null) return;
  const edge = Math.round(w * over.wipe);
  context.save();
  context.beginPath();
  context.rect(0, 0, edge, h);
  context.clip();
  context.drawImage(over.picture, 0, 0, w, h);
  context.restore();
  context.fillStyle = over.line;
  context.fillRect(edge - Math.round(density), 0, Math.max(1, Math.round(density)), h);
}

const itemPixels = (size: number, { pixels }: ImageColumn, row: number): Uint8Array => pixels.subarray(row * size, (row + 1) * size);

function fromPixels(width: number, height: number, paint: (pixel: number, rgba: Uint8ClampedArray) => void): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const rgba = image.data.subarray(4 * pixel, 4 * pixel + 4);
    paint(pixel, rgba);
    rgba[3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
