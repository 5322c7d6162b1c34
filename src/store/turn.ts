/** One process after the other does something with a runs folder that two must not do at once. */
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { makeFolder } from './atomic';
import { acquire, type Lease } from './lease';

const LOOK_MS = 20;

/**
 * Waits until no other process is at it; one that died in its turn is passed over. `work` takes milliseconds and waits for nothing, so turns are short.
 * @throws what `work` throws; SigdegError NO_SPACE, NO_ACCESS
 */
export async function inTurn<T>(runsDir: string, work: () => T): Promise<T> {
  makeFolder(runsDir);
  const turn = await taken(path.join(runsDir, '.turn.json'));
  try {
    return work();
  } finally {
    turn.release();
  }
}

async function taken(file: string): Promise<Lease> {
  for (;;) {
    try {
      return acquire(file, 'the making of a run');
    } catch (error) {
      if (!(error instanceof SigdegError && error.code === 'RUN_BUSY')) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
