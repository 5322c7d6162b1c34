/** Files come from anywhere: whatever the bytes, a reader answers with data or with BAD_FILE in one line that starts with the file's name. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SigdegError } from '../../src/core/errors';
import { decodeIdx } from '../../src/formats/idx';
import { decodeNpy, encodeNpy } from '../../src/formats/npy';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '../../src/formats/safetensors';

/** Any UTF-16 unit, lone surrogates too; fast-check's own 'binary' takes seconds to set up. */
const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

const NAME = 'dir/some file';

/** An idx file of unsigned bytes. */
const idx = (shape: number[]): Uint8Array => {
  const bytes = new Uint8Array(4 + 4 * shape.length + shape.reduce((a, b) => a * b, 1));
  bytes.set([0, 0, 8, shape.length]);
  shape.forEach((extent, i) => {
    new DataView(bytes.buffer).setUint32(4 + 4 * i, extent);
  });
  return bytes;
};

/** A safetensors file with any text as its header. */
const withHeader = (header: string, data = 0): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
};

/** A .npy file of version 1 with any text as its header. */
const npyWithHeader = (header: string, data = 0): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(10 + text.length + data);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  bytes.set(text, 10);
  return bytes;
};

const tensors = new Map<string, TensorData>([
  ['a', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ['b', { dtype: 'U8', shape: [3], data: Uint8Array.of(7, 8, 9) }],
]);

const FORMATS = [
  { format: 'idx', decode: decodeIdx, good: idx([2, 3, 2]) },
  { format: 'npy', decode: decodeNpy, good: encodeNpy({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }) },
  { format: 'safetensors', decode: decodeSafetensors, good: encodeSafetensors(tensors, { note: 'x' }) },
] as const;

/** True if the bytes were refused as they should be, false if they were read; throws on anything else. */
function refused(decode: (bytes: Uint8Array, where: string) => unknown, bytes: Uint8Array): boolean {
  try {
    decode(bytes, NAME);
    return false;
  } catch (error) {
    if (!(error instanceof SigdegError)) throw error;
    expect(error.code).toBe('BAD_FILE');
    expect(error.message).toMatch(/^dir\/some file: [^\n\r]+$/);
    expect(error.message.length).toBeLessThan(1000);
    return true;
  }
}

describe.each(FORMATS)('$format', ({ decode, good }) => {
  test('a sound file is read', () => {
    expect(refused(decode, good)).toBe(false);
  });

  test('cut off anywhere, or with bytes behind, it is refused', () => {
    for (let length = 0; length < good.length; length++) expect(refused(decode, good.subarray(0, length))).toBe(true);
    expect(refused(decode, Uint8Array.from([...good, 0]))).toBe(true);
  });

  test('with any bytes changed it is read or refused', () => {
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = good.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      refused(decode, bytes);
    }), { numRuns: 3000 });
  });

  test('of nothing but chance it is refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(refused(decode, bytes)).toBe(true);
    }), { numRuns: 1000 });
  });
});

describe('safetensors', () => {
  const entry = (dtype: string, shape: unknown, offsets: unknown): string => JSON.stringify({ x: { dtype, shape, data_offsets: offsets } });

  test('any text or JSON as a header is read or refused', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: anyUnit }), fc.json()), fc.nat(8), (header, data) => {
      refused(decodeSafetensors, withHeader(header, data));
    }), { numRuns: 1000 });
  });

  test('any tensor entry is read or refused', () => {
    const anything = fc.oneof(fc.anything(), fc.array(fc.oneof(fc.integer(), fc.double())), fc.constantFrom('F32', 'U8', [1], [0, 4]));
    fc.assert(fc.property(fc.string({ unit: anyUnit }), anything, anything, anything, (name, dtype, shape, offsets) => {
      const header = JSON.stringify({ [name]: { dtype, shape, data_offsets: offsets } }, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v));
      refused(decodeSafetensors, withHeader(header, 4));
    }), { numRuns: 1000 });
  });

  test.each([
    ['a hole', '{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2],
    ['an overlap', '{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}', 3],
    ['a range that runs backwards', entry('U8', [1], [1, 0]), 1],
    ['a size that does not fit the shape', entry('F32', [2], [0, 4]), 4],
    ['a shape beyond any memory', entry('F32', [2 ** 40, 2 ** 40], [0, 4]), 4],
    ['a negative extent', entry('U8', [-1], [0, 1]), 1],
    ['a fractional extent', entry('U8', [0.5, 2], [0, 1]), 1],
    ['a type named like something every object has', entry('constructor', [1], [0, 1]), 1],
    ['no object', '[]', 0],
    ['nothing', 'null', 0],
    ['line breaks in a name', JSON.stringify({ 'a\nb\u2028c': { dtype: 'F99', shape: [], data_offsets: [0, 0] } }), 0],
    ['line breaks where JSON breaks off', '{"a":\n\n!', 0],
    ['a tensor of endless name', JSON.stringify({ ['x'.repeat(100_000)]: { dtype: 'F99' } }), 0],
  ])('%s is refused', (_, header, data) => {
    expect(refused(decodeSafetensors, withHeader(header, data))).toBe(true);
  });

  test('names that mean something in JavaScript are names like others, and pollute nothing', () => {
    const header = '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"constructor":{"dtype":"U8","shape":[0],"data_offsets":[1,1]},"__metadata__":{"__proto__":"x","a":"b"}}';
    const { tensors: found, metadata } = decodeSafetensors(withHeader(header, 1), NAME);
    expect([...found.keys()]).toEqual(['__proto__', 'constructor']);
    expect(metadata).toEqual({ a: 'b' });
    expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  });
});

describe('npy', () => {
  const header = (descr: string, order: string, shape: string): string => `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;

  test('any text as a header is read or refused', () => {
    fc.assert(fc.property(fc.string({ unit: anyUnit, maxLength: 200 }), (text) => {
      expect(refused(decodeNpy, npyWithHeader(text))).toBe(true);
    }), { numRuns: 1000 });
    const part = fc.string({ unit: fc.constantFrom("'", '(', ')', '[', ']', ',', ' ', '\n', '<f4', '3', 'L', 'O', 'True', 'False', '|'), maxLength: 6 });
    fc.assert(fc.property(part, part, part, (descr, order, shape) => {
      refused(decodeNpy, npyWithHeader(header(descr, order, shape), 12));
    }), { numRuns: 3000 });
  });

  test.each([
    ['Fortran order', header("'<f4'", 'True', '(1,)'), /ascontiguousarray/],
    ['Python objects, which are never loaded', header("'|O'", 'False', '(1,)'), /pickle/],
    ['a record with objects', header("[('a', '|O')]", 'False', '(1,)'), /pickle/],
    ['a type that is not read', header("'<c8'", 'False', '(1,)'), /'<c8'/],
    ['a type with line breaks', header("'<\nf4'", 'False', '(1,)'), /expected one of the types/],
    ['code in the place of a shape', header("'<f4'", 'False', '__import__("os")'), /exactly/],
    ['a bracket without its comma', header("'<f4'", 'False', '(1)'), /tuple/],
    ['a shape beyond any memory', header("'<f4'", 'False', '(99999999999, 99999999999)'), /fits in memory/],
    ['more dimensions than numpy has', header("'<f4'", 'False', `(${'1, '.repeat(33)})`), /at most 32 dimensions/],
    ['a key twice', "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", /twice/],
    ['a key too many', "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", /exactly/],
    ['a key too few', "{'descr': '<f4', 'shape': (1,), }", /exactly/],
  ])('%s is refused', (_, text, says) => {
    const bytes = npyWithHeader(text, 4);
    expect(refused(decodeNpy, bytes)).toBe(true);
    expect(() => decodeNpy(bytes, NAME)).toThrow(says);
  });

  test('keys in another order, other spacing and Python 2’s long integers are read', () => {
    const text = "{ 'shape':(2L, 1L) ,'fortran_order' :False,'descr': '>i2'}   \n";
    const bytes = npyWithHeader(text, 4);
    bytes.set([1, 2, 0xff, 0xfe], bytes.length - 4);
    expect(decodeNpy(bytes, NAME)).toEqual({ dtype: 'i2', shape: [2, 1], data: Int16Array.of(258, -2) });
  });
});
