/**
 * NumPy's .npy files (NEP 1 and `numpy.lib.format`), versions 1.0 to 3.0: the magic, the version, the header's length, a Python literal
 * `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }` and the raw values. The literal is read by a tokeniser, nothing is evaluated;
 * object arrays, which are pickles, are refused.
 */
import { SigdegError } from '../core/errors';
import { printable } from '../core/printable';
import { sizeOf } from '../core/shape';

export type NpyData = Float32Array | Float64Array | Uint8Array | Int8Array | Int16Array | Int32Array;
export type NpyDtype = 'f4' | 'f8' | 'u1' | 'i1' | 'i2' | 'i4' | 'i8';

export interface NpyArray {
  /** The type in the file; i8 comes as Float64Array, after a check that every value is a safe integer. */
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Values in C order, in the machine's byte order. A copy. */
  readonly data: NpyData;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // \x93NUMPY
const MAX_HEADER = 1 << 20; // a shape and a type take 100 bytes; more is not an array of numbers
const MAX_DIMENSIONS = 32;
const ITEM_BYTES: Readonly<Record<NpyDtype, number>> = { f4: 4, f8: 8, u1: 1, i1: 1, i2: 2, i4: 4, i8: 8 };
const HOST_IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

interface NpyHeader {
  readonly dtype: NpyDtype;
  readonly little: boolean;
  readonly shape: readonly number[];
}

const complaint = (where: string) => (what: string): SigdegError => new SigdegError('BAD_FILE', `${where}: ${what}`);

/** The shape of a .npy file of which only the beginning was read. Throws BAD_FILE. */
export const npyShape = (head: Uint8Array, where: string): readonly number[] => readHeader(head, complaint(where)).shape;

/** Reads one whole .npy file. `where` names it in errors. Throws BAD_FILE; sizes are checked before anything is allocated. */
export function decodeNpy(bytes: Uint8Array, where: string): NpyArray {
  const bad = complaint(where);
  const { dtype, little, shape, dataStart } = readHeader(bytes, bad);
  const count = sizeOf(shape);
  const expected = count * ITEM_BYTES[dtype];
  const found = bytes.length - dataStart;
  if (expected !== found) {
    throw bad(`shape (${shape.join(', ')}) of ${dtype} needs ${expected} bytes, found ${found}; ${found < expected ? 'the file is cut off' : 'there is more than one array in it'}`);
  }
  const raw = new Uint8Array(bytes.subarray(dataStart)); // a copy of its own (a Buffer slice would be a view), so that typed arrays over it are aligned
  if (little !== HOST_IS_LITTLE) swapBytes(raw, ITEM_BYTES[dtype]);
  return { dtype, shape, data: typedValues(raw.buffer, dtype, bad) };
}

function readHeader(bytes: Uint8Array, bad: (what: string) => SigdegError): NpyHeader & { readonly dataStart: number } {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw bad('expected a .npy file (it starts with \\x93NUMPY), found other bytes; write it with numpy.save');
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3 || bytes[7] !== 0) throw bad(`expected .npy version 1.0 to 3.0, found ${version}.${bytes[7]}`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw bad(`expected a header after byte ${start}, found the end of the file; it is cut off`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerLength > MAX_HEADER) throw bad(`expected a header of at most ${MAX_HEADER} bytes, found ${headerLength}`);
  const dataStart = start + headerLength;
  if (dataStart > bytes.length) throw bad(`expected a header of ${headerLength} bytes, found ${bytes.length - start}; the file is cut off`);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, dataStart));
  return { ...parseHeader(text, bad), dataStart };
}

function typedValues(buffer: ArrayBuffer, dtype: NpyDtype, bad: (what: string) => SigdegError): NpyData {
  switch (dtype) {
    case 'f4': return new Float32Array(buffer);
    case 'f8': return new Float64Array(buffer);
    case 'u1': return new Uint8Array(buffer);
    case 'i1': return new Int8Array(buffer);
    case 'i2': return new Int16Array(buffer);
    case 'i4': return new Int32Array(buffer);
    case 'i8': {
      const wide = new BigInt64Array(buffer);
      const values = Float64Array.from(wide, Number);
      const unsafe = values.findIndex((value) => !Number.isSafeInteger(value));
      if (unsafe >= 0) throw bad(`expected integers of at most 2^53 in size, found ${wide[unsafe]!} at position ${unsafe}`);
      return values;
    }
  }
}

/** Version 1.0, little-endian, C order; the data begin at a multiple of 64 bytes, as NumPy writes it. */
export function encodeNpy(array: { readonly shape: readonly number[]; readonly data: NpyData }): Uint8Array {
  const { shape, data } = array;
  if (sizeOf(shape) !== data.length) {
    throw new RangeError(`npy: shape [${shape.join(', ')}] does not fit ${data.length} values`);
  }
  const dtype = dtypeOf(data);
  const itemBytes = ITEM_BYTES[dtype];
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const literal = `{'descr': '${itemBytes === 1 ? '|' : '<'}${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = literal.padEnd(Math.ceil((literal.length + 11) / 64) * 64 - 11) + '\n';
  const out = new Uint8Array(10 + header.length + data.byteLength);
  out.set(MAGIC);
  out[6] = 1;
  new DataView(out.buffer).setUint16(8, header.length, true);
  out.set(new TextEncoder().encode(header), 10);
  const body = out.subarray(10 + header.length);
  body.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (!HOST_IS_LITTLE) swapBytes(body, itemBytes);
  return out;
}

function dtypeOf(data: NpyData): NpyDtype {
  if (data instanceof Float32Array) return 'f4';
  if (data instanceof Float64Array) return 'f8';
  if (data instanceof Uint8Array) return 'u1';
  if (data instanceof Int8Array) return 'i1';
  return data instanceof Int16Array ? 'i2' : 'i4';
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let i = 0; width > 1 && i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}

/** Reads the dictionary literal: exactly the three keys, in any order. */
function parseHeader(text: string, bad: (what: string) => SigdegError): NpyHeader {
  const entry = /\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d,\sL]*\)|\[.*?\](?=\s*,\s*'|\s*,?\s*\}))\s*(,|(?=\}))/gy;
  const open = /^\s*\{/.exec(text);
  if (open === null) throw bad('expected a Python dictionary as the header, found something else');
  const values = new Map<string, string>();
  entry.lastIndex = open[0].length;
  let end = entry.lastIndex;
  for (let match = entry.exec(text); match !== null; match = entry.exec(text)) {
    if (values.has(match[1]!)) throw bad(`expected each header key once, found '${match[1]}' twice`);
    values.set(match[1]!, match[2]!);
    end = entry.lastIndex;
  }
  if (!/^\s*\}\s*$/.test(text.slice(end)) || values.size !== 3) {
    throw bad("expected a header with exactly 'descr', 'fortran_order' and 'shape', found another");
  }
  const descr = values.get('descr')!;
  const type = /^'([<>|=])([a-zA-Z])(\d+)'$/.exec(descr);
  if (descr.includes('O')) {
    throw bad('holds Python objects (a pickle), which are never loaded; save a plain numeric array');
  }
  const dtype = type === null ? '' : `${type[2]}${type[3]}`;
  if (type === null || !isDtype(dtype)) {
    throw bad(`expected one of the types ${Object.keys(ITEM_BYTES).join(', ')}, found ${printable(descr)}; convert it with array.astype('float32')`);
  }
  const order = values.get('fortran_order');
  if (order === 'True') throw bad('is in Fortran order, expected C order; save numpy.ascontiguousarray(array)');
  if (order !== 'False') throw bad(`expected fortran_order False, found ${printable(order ?? 'none')}`);
  return { dtype, little: type[1] === '<' || (type[1] !== '>' && HOST_IS_LITTLE), shape: parseShape(values.get('shape')!, bad) };
}

function isDtype(name: string): name is NpyDtype {
  return Object.hasOwn(ITEM_BYTES, name);
}

/** `()`, `(3,)` or `(3, 4)`; Python 2 wrote `3L`. */
function parseShape(text: string, bad: (what: string) => SigdegError): number[] {
  if (!/^\(\s*(\d+L?\s*,\s*)*(\d+L?\s*)?\)$/.test(text) || /^\(\s*\d+L?\s*\)$/.test(text)) {
    throw bad(`expected a tuple of extents as shape, found ${printable(text)}`);
  }
  const shape = (text.match(/\d+/g) ?? []).map(Number);
  if (shape.length > MAX_DIMENSIONS) throw bad(`expected at most ${MAX_DIMENSIONS} dimensions, found ${shape.length}`);
  if (!Number.isSafeInteger(shape.reduce((product, extent) => product * Math.max(extent, 1), 8))) {
    throw bad(`expected a shape that fits in memory, found ${printable(text)}`);
  }
  return shape;
}
