/** A run's picture as tall as a line of text: an SVG that holds the PNG, since the editor draws a picture at the size it says itself. */

export interface StripOptions {
  /** Pixels; what is wider is cut off on the right. */
  readonly height: number;
  readonly widest: number;
  /** Tiles in a row of a grid of images, of which only the first row is shown; undefined for one whole picture. */
  readonly across?: number;
}

/** Around the tiles of `imageGrid`. */
const MARGIN = 2;

/** The address of the SVG; undefined for what is no PNG. */
export function pictureStrip(png: Uint8Array, { height, widest, across }: StripOptions): string | undefined {
  const size = pngSize(png);
  if (size === undefined) return undefined;
  const { width: w, height: h } = size;
  const shown = across !== undefined && across > 1 ? Math.round((w - MARGIN) / across) + MARGIN : h;
  const width = Math.max(1, Math.min(widest, Math.round((w * height) / shown)));
  const data = Buffer.from(png).toString('base64');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${w} ${Math.min(h, shown)}" preserveAspectRatio="xMinYMid slice"><image width="${w}" height="${h}" href="data:image/png;base64,${data}"/></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}

/** From the header. */
function pngSize(png: Uint8Array): { width: number; height: number } | undefined {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (bytes.length < 24 || bytes.toString('latin1', 1, 4) !== 'PNG' || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  return width > 0 && height > 0 ? { width, height } : undefined;
}
