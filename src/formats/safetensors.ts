import { messageOf, SigdegError } from '../core/errors';
import { printable } from '../core/printable';
import { sizeOf } from '../core/shape';
import { halvesToFloats, upperHalvesToFloats } from './half';

/**
 * The safetensors format (Hugging Face, version 1): 8 bytes of header length (little endian), a JSON header of names → dtype, shape and byte range, then the
 * bytes. Reading is strict, since files come from anywhere: nothing is allocated before every size is checked, ranges must be contiguous without
 * holes and overlaps, and nothing in a file is ever executed.
 */
const DTYPES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type Dtype = keyof typeof DTYPES;

/** One array, C order. F16 and BF16 arrive widened to Float32Array (`dtype` then says F32). */
export interface TensorData {
  readonly dtype: Dtype;
  readonly shape: number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint16Array | Int16Array | Int8Array | Uint8Array;
}

const MAX_HEADER = 100 * 1024 * 1024;

export function encodeSafetensors(tensors: ReadonlyMap<string, TensorData>, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const header: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  if (metadata) header['__metadata__'] = metadata;
  let offset = 0;
  // Larger items first keeps every array aligned.
  const ordered = [...tensors].sort(([, a], [, b]) => DTYPES[b.dtype] - DTYPES[a.dtype]);
  for (const [name, { dtype, shape, data }] of ordered) {
    const expected = sizeOf(shape) * DTYPES[dtype];
    if (data.byteLength !== expected || name === '__metadata__') {
      throw new SigdegError('INTERNAL', `safetensors: «${name}» ${dtype} [${shape.join(', ')}] does not fit ${data.byteLength} bytes`);
    }
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, 8, 8 + padded);
  bytes.set(json, 8);
  let at = 8 + padded;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** Where an array lies: bytes `begin` … `end` − 1 of the file. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * What a file of `size` bytes holds, from its header alone.
 * @param read gives bytes begin … end − 1 of the file; it is asked for the header only, once its length is known to be sound.
 * @param where names the file in messages. @throws SigdegError BAD_FILE
 */
export function safetensorsLayout(size: number, read: (begin: number, end: number) => Uint8Array, where: string): { entries: SafetensorsEntry[]; metadata: Record<string, string> } {
  const bad = (what: string): SigdegError => new SigdegError('BAD_FILE', `${where}: not a sound safetensors file: ${what}; get the file again`);
  if (size < 8) throw bad(`expected at least 8 bytes, found ${size}`);
  const lengthBytes = read(0, 8);
  const declared = new DataView(lengthBytes.buffer, lengthBytes.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER)) throw bad(`its header claims ${declared} bytes, at most ${MAX_HEADER} are allowed`);
  const start = 8 + Number(declared);
  if (start > size) throw bad(`its header claims ${declared} bytes, the file has ${size} in all`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(read(8, start)));
  } catch (error) {
    throw bad(`its header is no JSON (${printable(messageOf(error), 200)})`);
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header)) throw bad('its header is no object');

  const metadata: Record<string, string> = {};
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(header as Record<string, unknown>)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries((value ?? {}) as Record<string, unknown>)) if (typeof text === 'string' && key !== '__proto__') metadata[key] = text;
    } else {
      entries.push(entryOf(name, value, bad));
    }
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) throw bad(`«${printable(name)}» begins at byte ${begin} where ${at} was expected (a hole or an overlap)`);
    at = end;
  }
  if (at !== size - start) throw bad(`its tensors take ${at} bytes, found ${size - start}`);
  return { entries: entries.map((entry) => ({ ...entry, begin: start + entry.begin, end: start + entry.end })), metadata };
}

/**
 * The arrays lie in `bytes` itself where their place suits their type, and are copied where it does not: a file that was read into a buffer of its own is not
 * copied, since its header is padded.
 * @param where names the file in messages. @throws SigdegError BAD_FILE
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): { tensors: Map<string, TensorData>; metadata: Record<string, string> } {
  const { entries, metadata } = safetensorsLayout(bytes.length, (begin, end) => bytes.subarray(begin, end), where);
  const tensors = new Map<string, TensorData>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const part = bytes.subarray(begin, end);
    tensors.set(name, materialise(dtype, shape, part.byteOffset % DTYPES[dtype] === 0 ? part : new Uint8Array(part)));
  }
  return { tensors, metadata };
}

function entryOf(name: string, value: unknown, bad: (what: string) => SigdegError): SafetensorsEntry {
  const what = `«${printable(name)}»`;
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const natural = (n: unknown): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
  if (typeof dtype !== 'string') throw bad(`${what} has no valid dtype`);
  if (!Object.hasOwn(DTYPES, dtype)) throw bad(`${what} has the unknown dtype «${printable(dtype)}»`);
  if (!Array.isArray(shape) || !shape.every(natural)) throw bad(`${what} has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural)) throw bad(`${what} has no valid data_offsets`);
  const [begin, end] = offsets as [number, number];
  const expected = sizeOf(shape) * DTYPES[dtype as Dtype];
  if (!Number.isSafeInteger(expected) || end - begin !== expected) throw bad(`${what} ${dtype} [${printable(shape.join(', '))}] takes ${expected} bytes, its range has ${end - begin}`);
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

/** @param bytes begin where the type may begin */
function materialise(dtype: Dtype, shape: number[], { buffer, byteOffset, byteLength }: Uint8Array): TensorData {
  const count = byteLength / DTYPES[dtype];
  switch (dtype) {
    case 'F64': return { dtype, shape, data: new Float64Array(buffer, byteOffset, count) };
    case 'F32': return { dtype, shape, data: new Float32Array(buffer, byteOffset, count) };
    case 'F16': return { dtype: 'F32', shape, data: halvesToFloats(new Uint16Array(buffer, byteOffset, count)) };
    case 'BF16': return { dtype: 'F32', shape, data: upperHalvesToFloats(new Uint16Array(buffer, byteOffset, count)) };
    case 'I64': return { dtype, shape, data: new BigInt64Array(buffer, byteOffset, count) };
    case 'I32': return { dtype, shape, data: new Int32Array(buffer, byteOffset, count) };
    case 'I16': return { dtype, shape, data: new Int16Array(buffer, byteOffset, count) };
    case 'I8': return { dtype, shape, data: new Int8Array(buffer, byteOffset, count) };
    case 'U8':
    case 'BOOL': return { dtype, shape, data: new Uint8Array(buffer, byteOffset, count) };
  }
}
