import type { Executor } from '../jobs/context';
import { runTask } from '../jobs/tasks';
import type { Engine } from '../runtime/engine';
import { InProcessExecutor } from './in-process';
import { ProcessPool } from './pool';

/** What does a job's tasks with as many cores as it may keep busy. The engine must be running. `close` ends the processes. */
export function openExecutor(engine: Engine, cores: number): Executor & { close(): void } {
  const alone = new InProcessExecutor((task) => runTask(task, engine));
  const pool = cores > 1 && !engine.onGpu ? new ProcessPool({ processes: cores, engine: engine.name }) : undefined;
  return {
    // A single task begins at once where the engine runs already, and has all of its threads.
    run: (tasks, onDone, wishes) => (tasks.length === 1 ? alone : (pool ?? alone)).run(tasks, onDone, wishes),
    close: () => { pool?.close(); },
  };
}
