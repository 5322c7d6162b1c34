/** Writes 8-bit grey or RGB PNG images, through fast-png, and text into any PNG; the same input gives the same bytes. */
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

/** Bytes of the signature and of the header's chunk, with which every PNG begins. */
const HEAD = 33;

/** The same PNG file with tEXt chunks as `encodePng` writes them: for one that another encoder made. Keywords are Latin-1 of 1 to 79 characters. */
export function withPngText(png: Uint8Array, text: Readonly<Record<string, string>>): Uint8Array {
  const chunks = Object.entries(text).map(([keyword, value]) => textChunk(`${keyword}\0${escapeToLatin1(value)}`));
  const out = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, png.length));
  let at = 0;
  for (const part of [png.subarray(0, HEAD), ...chunks, png.subarray(HEAD)]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Length, type, content and CRC of a tEXt chunk (PNG 1.2, sections 3.2 and 4.2.3). */
function textChunk(content: string): Uint8Array {
  const typed = Uint8Array.from(`tEXt${content}`, (character) => character.charCodeAt(0));
  const chunk = new Uint8Array(typed.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length);
  chunk.set(typed, 4);
  view.setUint32(4 + typed.length, crc32(typed));
  return chunk;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function escapeToLatin1(value: string): string {
  return Array.from({ length: value.length }, (_, i) => {
    const code = value.charCodeAt(i);
    return code > 0 && code <= 0xff ? value[i]! : `\\u${code.toString(16).padStart(4, '0')}`;
  }).join('');
}
