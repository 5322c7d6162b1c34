import * as fs from 'node:fs';
import * as path from 'node:path';
import { messageOf, SigdegError } from '../core/errors';

/** Writes a file so that a reader sees the old bytes or the new ones, never a part. @throws SigdegError NO_SPACE */
export function atomicWrite(file: string, bytes: Uint8Array | string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const fd = fs.openSync(temporary, 'w');
    try {
      fs.writeFileSync(fd, bytes);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
    syncFolder(path.dirname(file));
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw diskError(error, file);
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

/** Says what to do about a full disk; other errors are passed on. */
export function diskError(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SigdegError('NO_SPACE', `no space left while writing ${file}; what was written before is kept: free some space (sigdeg rm RUN, or delete .sigdeg/cache) and run the same command again`, { cause: error });
  }
  return error instanceof Error ? error : new Error(messageOf(error));
}
