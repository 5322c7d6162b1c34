import type { Engine } from '../runtime/engine';
import type { Task } from './context';
import { pathsChunk, type PathsTask } from './paths';
import { simulateChunk, type SimulateTask } from './simulate';

/** Does one task of a job; its result is in the cache afterwards. The engine must have been started. */
export async function runTask(task: Task, _engine: Engine): Promise<void> {
  const known = task as unknown as PathsTask | SimulateTask;
  if (known.type === 'paths') pathsChunk(known);
  else simulateChunk(known);
  // Lets timers (the heartbeat) and messages through between tasks.
  await new Promise((resolve) => setImmediate(resolve));
}
