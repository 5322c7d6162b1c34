import * as fs from 'node:fs';
import * as path from 'node:path';
import { diskError } from './disk-error';

/** Writes a file so that a reader sees the old bytes or the new ones, never a part. @throws SigdegError NO_SPACE, NO_ACCESS */
export function atomicWrite(file: string, bytes: Uint8Array | string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeDurably(temporary, bytes);
    fs.renameSync(temporary, file);
    syncFolder(path.dirname(file));
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

/** Makes renames in a folder durable. Windows has no such call for folders and needs none. */
export function syncFolder(dir: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(dir, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Deletes what is left of a failed write; the failure itself is what the user must hear of. */
export function dropQuietly(target: string): void {
  try {
    fs.rmSync(target, { recursive: true, force: true });
  } catch {
    // a folder that became read-only keeps its leftovers
  }
}
