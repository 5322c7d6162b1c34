import { SigdegError } from '../../src/core/errors';

/** Code and words of what refuses the work; `taken` where nothing does. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SigdegError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'taken';
}
