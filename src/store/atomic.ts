import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { dropQuietly, rename } from '../system/files';
import { diskError } from './disk-error';

/**
 * Writes a file so that a reader sees the old bytes or the new ones, never a part.
 * @param durable whether to wait until the disk has it. Without, a power cut may leave any bytes there: only for what has a checksum and can be made again.
 * @throws SigdegError NO_SPACE, NO_ACCESS
 */
export function atomicWrite(file: string, bytes: Uint8Array | string, durable = true): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    if (durable) writeDurably(temporary, bytes);
    else fs.writeFileSync(temporary, bytes);
    rename(temporary, file);
    if (durable) syncFolder(path.dirname(file));
  } catch (error) {
    dropQuietly(temporary);
    throw diskError(error, file);
  }
}

/** Writes a file and waits until the disk has it. */
export function writeDurably(file: string, bytes: Uint8Array | string): void {
  const fd = fs.openSync(file, 'w');
  try {
    fs.writeFileSync(fd, bytes);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes a folder with those above it. @throws SigdegError NO_SPACE, NO_ACCESS, NOT_FOUND (a file stands in the way) */
export function makeFolder(dir: string): void {
  // One after the other: Node's own recursive form never returns where a folder can hold none (/proc).
  const missing: string[] = [];
  let above = path.resolve(dir);
  for (; !fs.existsSync(above) && path.dirname(above) !== above; above = path.dirname(above)) missing.unshift(above);
  try {
    for (const folder of missing) makeOne(folder);
    if (!fs.statSync(dir).isDirectory()) makeOne(dir);
  } catch (error) {
    // On a read-only disk the error may be another: the folder that does exist knows better.
    try {
      fs.accessSync(above, fs.constants.W_OK);
    } catch (denied) {
      throw diskError(denied, dir);
    }
    throw diskError(error, dir);
  }
}

/** Another process may make it at the same time. */
function makeOne(folder: string): void {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** What file systems answer that have no such call for folders: network drives, those of a user's program, and (EIO) Windows' drives in its Linux. */
const NO_FOLDER_SYNC = ['EINVAL', 'ENOTSUP', 'ENOSYS', 'EBADF', 'EPERM', ...(/microsoft/i.test(os.release()) ? ['EIO'] : [])];

/** Makes renames in a folder durable, where the file system can. Windows has no such call for folders and needs none. */
export function syncFolder(dir: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(dir, 'r');
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    if (!NO_FOLDER_SYNC.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    fs.closeSync(fd);
  }
}
