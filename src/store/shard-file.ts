/**
 * Shards of any size in bounded memory: a shard is checked in pieces when it is opened; its arrays are then kept in memory as long as the budget lasts, and
 * read from the file row by row beyond it. Rows of a training batch come from everywhere, so none is more worth keeping than another.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { messageOf, SigdegError } from '../core/errors';
import { inMemory, type FloatSource } from '../core/float-source';
import { safetensorsLayout } from '../formats/safetensors';
import { remove } from '../system/files';

/** At the end of a shard: the SHA-256 of what stands before it. */
export const CHECKSUM_BYTES = 32;
/** What is being read, of any shard: tens of thousands of them may be open. */
let row = new Uint8Array(0);
const PIECE = new Uint8Array(1 << 20);

/** How many bytes of shards may stay in memory, over all that share it. */
export class ResidentBudget {
  constructor(private left: number) {}

  take(bytes: number): boolean {
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }
}

/** Files that are open for reading, the one used longest ago first. */
const openFiles = new Map<string, number>();
const MOST_OPEN_FILES = 128;

function descriptorOf(file: string): number {
  const known = openFiles.get(file);
  const descriptor = known ?? fs.openSync(file, 'r');
  openFiles.delete(file);
  openFiles.set(file, descriptor);
  const [oldest] = openFiles;
  if (openFiles.size > MOST_OPEN_FILES && oldest) closeFile(oldest[0]);
  return descriptor;
}

function closeFile(file: string): void {
  const descriptor = openFiles.get(file);
  if (descriptor === undefined) return;
  openFiles.delete(file);
  fs.closeSync(descriptor);
}

/** @throws SigdegError BAD_FILE when the file is gone, or shorter than it was */
function readAt(file: string, target: Uint8Array, position: number): void {
  let problem = 'it ends too early';
  try {
    const descriptor = descriptorOf(file);
    for (let done = 0; ;) {
      const read = fs.readSync(descriptor, target, done, target.length - done, position + done);
      done += read;
      if (done === target.length) return;
      if (read === 0) break;
    }
  } catch (error) {
    problem = messageOf(error);
  }
  closeFile(file);
  throw new SigdegError('BAD_FILE', `${file}: ${problem}; the same command again makes it anew`);
}

/** Whether the file ends with the checksum of the rest. False also when it cannot be read. */
function isWhole(file: string): boolean {
  try {
    const body = fs.fstatSync(descriptorOf(file)).size - CHECKSUM_BYTES;
    if (body < 0) return false;
    const hash = createHash('sha256');
    for (let at = 0; at < body; at += PIECE.length) {
      const piece = PIECE.subarray(0, Math.min(PIECE.length, body - at));
      readAt(file, piece, at);
      hash.update(piece);
    }
    const checksum = new Uint8Array(CHECKSUM_BYTES);
    readAt(file, checksum, body);
    return hash.digest().equals(checksum);
  } catch {
    return false;
  }
}

/** The arrays of one checked shard. */
export interface OpenShard {
  readonly metadata: Readonly<Record<string, string>>;
  /** A float32 array of this many numbers. @throws SigdegError BAD_FILE when the shard has none such */
  floats(name: string, length: number): FloatSource;
}

/** Undefined when the file is not there, or damaged: then it is deleted. @throws SigdegError BAD_FILE when it is whole, but no sound safetensors file */
export function openShardFile(file: string, budget: ResidentBudget): OpenShard | undefined {
  if (!isWhole(file)) {
    closeFile(file);
    remove(file);
    return undefined;
  }
  const size = fs.fstatSync(descriptorOf(file)).size - CHECKSUM_BYTES;
  const { entries, metadata } = safetensorsLayout(size, (begin, end) => {
    const bytes = new Uint8Array(end - begin);
    readAt(file, bytes, begin);
    return bytes;
  }, file);
  return {
    metadata,
    floats(name, length) {
      const entry = entries.find((one) => one.name === name);
      if (entry?.dtype !== 'F32' || entry.end - entry.begin !== 4 * length) throw new SigdegError('BAD_FILE', `${file}: expected ${length} float32 numbers «${name}»: delete the file, and the same command again makes it anew`);
      if (budget.take(4 * length)) {
        const data = new Float32Array(length);
        readAt(file, new Uint8Array(data.buffer), entry.begin);
        return inMemory(data);
      }
      return {
        length,
        read(begin, count) {
          if (begin < 0 || begin + count > length) throw new RangeError(`${file}: no numbers ${begin} to ${begin + count} in «${name}»`);
          if (row.byteLength < 4 * count) row = new Uint8Array(4 * count);
          readAt(file, row.subarray(0, 4 * count), entry.begin + 4 * begin);
          return new Float32Array(row.buffer, 0, count);
        },
      };
    },
  };
}
