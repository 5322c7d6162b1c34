/**
 * The idx format of MNIST and its relatives (LeCun, Cortes, Burges: "The MNIST database"): two zero bytes, a type code, the number of
 * dimensions, one big-endian 32-bit extent for each, then the values in C order. Only unsigned bytes are read: the image sets hold nothing else.
 */
import { SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';

const UNSIGNED_BYTE = 0x08;
const MAX_DIMENSIONS = 4;

export interface IdxArray {
  readonly shape: readonly number[];
  /** A view of the file's bytes, not a copy. */
  readonly data: Uint8Array;
}

const complaint = (where: string) => (what: string): SigdegError => new SigdegError('BAD_FILE', `${where}: ${what}; get a fresh copy of this idx file`);

/** Reads one whole idx file. `where` names it in errors. Throws BAD_FILE. */
export function decodeIdx(bytes: Uint8Array, where: string): IdxArray {
  const bad = complaint(where);
  const shape = idxShape(bytes, where);
  const start = 4 + 4 * shape.length;
  const size = sizeOf(shape);
  if (size !== bytes.length - start) {
    throw bad(`the shape [${shape.join(', ')}] asks for ${size} bytes of data, found ${bytes.length - start}`);
  }
  return { shape, data: bytes.subarray(start) };
}

/** The shape of an idx file of which only the beginning was read. Throws BAD_FILE. */
export function idxShape(bytes: Uint8Array, where: string): readonly number[] {
  const bad = complaint(where);
  if (bytes.length < 4) throw bad(`expected an idx header of at least 4 bytes, found ${bytes.length} bytes`);
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    const hint = bytes[0] === 0x1f && bytes[1] === 0x8b ? ' (this is a gzip file: its name must end in .gz)' : '';
    throw bad(`expected an idx file, which starts with two zero bytes, found ${bytes[0]} ${bytes[1]}${hint}`);
  }
  if (bytes[2] !== UNSIGNED_BYTE) throw bad(`expected idx type 8 (unsigned byte), found type ${bytes[2]}`);
  const dimensions = bytes[3]!;
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) throw bad(`expected 1 to ${MAX_DIMENSIONS} dimensions, found ${dimensions}`);
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) throw bad(`expected a header of ${start} bytes, found ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
}
