import { decode } from 'fast-png';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePng, withPngText } from '../../src/formats/png';

const image = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.constantFrom(1 as const, 3 as const)).chain(([width, height, channels]) => {
  const size = width * height * channels;
  return fc.uint8Array({ minLength: size, maxLength: size }).map((data) => ({ width, height, channels, data }));
});

test('an image comes back pixel for pixel, and the same pixels give the same bytes', () => {
  fc.assert(fc.property(image, (picture) => {
    const bytes = encodePng(picture);
    expect(Array.from(bytes.subarray(0, 8))).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const { width, height, channels, depth, data } = decode(bytes);
    expect({ width, height, channels, depth }).toEqual({ width: picture.width, height: picture.height, channels: picture.channels, depth: 8 });
    expect(Array.from(data)).toEqual(Array.from(picture.data));
    expect(encodePng({ ...picture, data: picture.data.slice() })).toEqual(bytes);
  }));
});

test('text stands in it, with what is not Latin-1 escaped as in JSON', () => {
  const bytes = encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) }, { sampler: 'DDIM', note: 'Größe ξ😀' });
  expect(decode(bytes).text).toEqual({ sampler: 'DDIM', note: 'Größe \\u03be\\ud83d\\ude00' });
});

test('text goes into a file that is there, as if it had been written with it, and a reader checks it', () => {
  const text = { run: '20260101-000000-student-x', seed: '0, 1', note: 'Größe ξ' };
  const plain = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) } as const;
  const decoded = decode(withPngText(encodePng(plain), text), { checkCrc: true });
  expect(decoded.text).toEqual({ ...text, note: 'Größe \\u03be' });
  expect(Array.from(decoded.data)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('data that do not fit the size are a RangeError', () => {
  for (const length of [0, 3, 5]) expect(() => encodePng({ width: 2, height: 2, channels: 1, data: new Uint8Array(length) })).toThrow(RangeError);
});
