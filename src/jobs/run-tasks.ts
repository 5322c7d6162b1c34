import type { JobContext, JobResult, Task } from './context';

/** Does a job's tasks with its executor and reports how far it is. */
export async function runTasks(context: JobContext, tasks: readonly object[], phase: string): Promise<JobResult> {
  let done = 0;
  context.events.append({ type: 'progress', step: 0, steps: tasks.length, phase });
  await context.executor.run(
    tasks as readonly Task[],
    () => {
      done++;
      context.events.append({ type: 'progress', step: done, steps: tasks.length, phase });
    },
    context,
  );
  return done < tasks.length ? 'stopped' : 'done';
}
