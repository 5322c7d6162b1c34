import { existsSync } from 'node:fs';
import { SigdegError } from '../core/errors';
import { builtFile } from '../store/built-file';

/** The job process's entry. @throws SigdegError INTERNAL. */
export function workerPath(): string {
  const file = builtFile('worker.js');
  if (!existsSync(file)) throw new SigdegError('INTERNAL', `worker.js is not at ${file}: build the project (npm run build)`);
  return file;
}
