/** Pictures of runs as tall as a line of text: one SVG that holds the PNGs, since the editor draws a picture at the size that it says itself. */

export interface StripPicture {
  readonly png: Uint8Array;
  /**
   * scatter: points, which would be gone at this size, are drawn as their density; a number: the tiles in a row of a grid of images, of which the first row is
   * shown; whole: as it is.
   */
  readonly show: 'scatter' | 'whole' | number;
}

export interface StripSize {
  /** Pixels. */
  readonly height: number;
  /** Of one picture; what is wider is cut off on the right. */
  readonly widest: number;
}

const GAP = 3;
/** Around the tiles of a grid of images. */
const MARGIN = 2;
/**
 * A pixel of the strip is the mean of many of a scatter, nearly all of them paper: how far its red is from white becomes the opacity of one blue that can be
 * seen on light and dark, with so much gain that a few points show.
 */
const DENSITY = '<filter id="density" x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB"><feColorMatrix values="0 0 0 0 0.3  0 0 0 0 0.65  0 0 0 0 0.9  -10 0 0 0 10"/></filter>';

/** The address of the SVG; undefined without any PNG. */
export function pictureStrip(pictures: readonly StripPicture[], { height, widest }: StripSize): string | undefined {
  let x = 0;
  const drawn = pictures.flatMap(({ png, show }) => {
    const size = pngSize(png);
    if (size === undefined) return [];
    const shown = typeof show === 'number' && show > 1 ? Math.min(size.height, Math.round((size.width - MARGIN) / show) + MARGIN) : size.height;
    const width = Math.max(1, Math.min(widest, Math.round((size.width * height) / shown)));
    const filter = show === 'scatter' ? ' filter="url(#density)"' : '';
    const image = `<image width="${size.width}" height="${size.height}"${filter} href="data:image/png;base64,${Buffer.from(png).toString('base64')}"/>`;
    const frame = show === 'scatter' ? `<rect width="100%" height="100%" fill="none" stroke="#888" stroke-width="${size.width / width}"/>` : '';
    const svg = `<svg x="${x}" width="${width}" height="${height}" viewBox="0 0 ${size.width} ${shown}" preserveAspectRatio="xMinYMid slice">${image}${frame}</svg>`;
    x += width + GAP;
    return [svg];
  });
  if (drawn.length === 0) return undefined;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${x - GAP}" height="${height}">${DENSITY}${drawn.join('')}</svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}

/** From the header. */
function pngSize(png: Uint8Array): { width: number; height: number } | undefined {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (bytes.length < 24 || bytes.toString('latin1', 1, 4) !== 'PNG' || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  return width > 0 && height > 0 ? { width, height } : undefined;
}
