import type { PathSet, PathShard } from '../sigdeg/path-set';
import type { JobContext } from './context';
import { ResidentBudget } from '../store/shard-file';
import type { UnopenedPaths } from './paths';

/** Bytes of paths that a training keeps in memory; what is beyond is read from the cache row by row. */
const RESIDENT_BYTES = 512 * 1024 * 1024;
export const pathMemory = (): ResidentBudget => new ResidentBudget(RESIDENT_BYTES);

/** A few megabytes are opened at once, without a word. */
const QUIET_MS = 1000;

/**
 * Opens path sets, which reads all of them once: tens of gigabytes take minutes, in which the run says how far it is and can be stopped. A pause begins with
 * the training.
 * @returns undefined when the run was stopped. @throws SigdegError BAD_FILE when a shard is gone or damaged
 */
export async function openPaths(context: Pick<JobContext, 'events' | 'interrupted'>, unopened: readonly UnopenedPaths[]): Promise<PathSet[] | undefined> {
  const total = unopened.reduce((sum, { chunks }) => sum + chunks, 0);
  const memory = pathMemory();
  const sets: PathSet[] = [];
  let [opened, told] = [0, performance.now()];
  for (const { chunks, open, ...set } of unopened) {
    const shards: PathShard[] = [];
    while (shards.length < chunks) {
      if (context.interrupted()) return undefined;
      shards.push(open(shards.length, memory));
      opened++;
      if (performance.now() - told < QUIET_MS) continue;
      told = performance.now();
      context.events.append({ type: 'progress', step: opened, steps: total, phase: 'checking paths' });
      // Lets the signals through that tell this process to end.
      await new Promise((resolve) => setImmediate(resolve));
    }
    sets.push({ ...set, shards });
  }
  return sets;
}
