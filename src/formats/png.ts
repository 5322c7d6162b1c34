/** Writes 8-bit grey or RGB PNG images, through fast-png; the same pixels give the same bytes. */
import { encode } from 'fast-png';

export interface PngImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** [height, width, channels], one byte each. */
  readonly data: Uint8Array;
}

/**
 * A PNG file. `text` becomes tEXt chunks, which hold Latin-1 only: other characters are written as in JSON, \uXXXX.
 * Throws RangeError when the size and the data do not fit.
 */
export function encodePng(image: PngImage, text: Readonly<Record<string, string>> = {}): Uint8Array {
  const { width, height, channels, data } = image;
  const latin1 = Object.fromEntries(Object.entries(text).map(([keyword, value]) => [keyword, escapeToLatin1(value)]));
  return encode({ width, height, channels, depth: 8, data, text: latin1 });
}

function escapeToLatin1(value: string): string {
  return Array.from({ length: value.length }, (_, i) => {
    const code = value.charCodeAt(i);
    return code > 0 && code <= 0xff ? value[i]! : `\\u${code.toString(16).padStart(4, '0')}`;
  }).join('');
}
