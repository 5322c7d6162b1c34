import * as os from 'node:os';
import type { Executor, Task } from '../jobs/context';
import type { Engine } from '../runtime/engine';
import { InProcessExecutor } from './in-process';
import { ProcessPool } from './pool';

/** Of the machine, or of the container that this runs in: Node answers more than any machine has, or 0, where there is no limit. */
const memoryBytes = (): number => Math.min(os.totalmem(), process.constrainedMemory() || Infinity);

/** A process of the native engine has been seen with 0.6 GB of its own, with a small U-Net; they may have half of the memory, a gigabyte each. */
export const mostNative = (): number => Math.max(1, Math.floor(memoryBytes() / 2 / 2 ** 30));

/**
 * What does a job's tasks with as many cores as it may keep busy. `close` ends the processes.
 * @param runTask does one in this process, where the engine runs
 */
export function openExecutor(runTask: (task: Task) => Promise<void>, engine: Engine, cores: number): Executor & { close(): void } {
  const alone = new InProcessExecutor(runTask);
  const processes = engine.onGpu ? 1 : engine.name === 'tensorflow' ? Math.min(cores, mostNative()) : cores;
  const pool = processes > 1 ? new ProcessPool({ processes, engine: engine.name }) : undefined;
  return {
    // A single task begins at once where the engine runs already, and has all of its threads.
    run: (tasks, onDone, wishes) => (tasks.length === 1 ? alone : (pool ?? alone)).run(tasks, onDone, wishes),
    close: () => { pool?.close(); },
  };
}
