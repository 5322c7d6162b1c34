import { SigdegError } from '../core/errors';

/**
 * What a failed file operation means to a user; anything else is passed on as it is. `file` is used where the system's error does not name one
 * (operations on open files).
 */
export function diskError(error: unknown, file?: string): unknown {
  if (!isSystemError(error)) return error;
  const where = file ?? error.path ?? 'a file';
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SigdegError('NO_SPACE', `no space left while writing ${where}; what was written before is kept: free some space (sigdeg rm RUN, or delete .sigdeg/cache) and run the same command again`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SigdegError('NO_ACCESS', `no permission for ${where} (${error.syscall} gave ${error.code}${error.code === 'EROFS' ? ': the file system is read-only' : ''}): change its permissions, or keep the runs elsewhere with --runs-dir DIR`, { cause: error });
    case 'ENOTDIR':
    case 'EEXIST':
      return new SigdegError('NOT_FOUND', `expected a folder on the way to ${where}, found a file: give another place with --runs-dir DIR`, { cause: error });
    case 'ENOENT':
      return new SigdegError('NOT_FOUND', `${where} is not there (any more): it, or the folder that it is to stand in, was deleted or moved`, { cause: error });
    default:
      return error;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
