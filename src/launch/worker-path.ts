import { existsSync } from 'node:fs';
import path from 'node:path';
import { SigdegError } from '../core/errors';

/** The job process's entry: beside this bundle in `dist`, or in the project's `dist` when this runs from the sources (tests). @throws SigdegError INTERNAL. */
export function workerPath(): string {
  const candidates = [path.join(__dirname, 'worker.js'), path.join(__dirname, '..', '..', 'dist', 'worker.js')];
  const found = candidates.find((file) => existsSync(file));
  if (found === undefined) throw new SigdegError('INTERNAL', `worker.js is not at ${candidates.join(' nor at ')}: build the project (npm run build)`);
  return found;
}
