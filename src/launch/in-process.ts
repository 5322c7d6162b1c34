import type { Executor, Task, Wishes } from '../jobs/context';

/** Does tasks one after the other in this process. */
export class InProcessExecutor implements Executor {
  readonly #runTask: (task: Task) => Promise<void>;

  constructor(runTask: (task: Task) => Promise<void>) {
    this.#runTask = runTask;
  }

  async run(tasks: readonly Task[], onDone: (i: number) => void, wishes: Wishes): Promise<void> {
    for (const [i, task] of tasks.entries()) {
      await wishes.pause();
      if (wishes.interrupted()) return;
      await this.#runTask(task);
      onDone(i);
      // Lets timers run (heartbeat, event flush) between tasks that never wait for anything.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
