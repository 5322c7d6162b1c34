import { messageOf, SigdegError } from '../core/errors';
import type { Task } from '../jobs/context';
import type { FromTaskProcess, ToTaskProcess } from './task-messages';

/**
 * The other end of `ProcessPool`, inside a forked process: does the tasks that the parent sends, one at a time, and ends when the parent is gone.
 * @param start makes ready to work (starts an engine) and returns what does a task.
 */
export async function serveTasks(start: () => Promise<(task: Task) => Promise<void>>, onError: (error: unknown) => void): Promise<void> {
  // A parent that was killed cannot end its children: they notice here.
  process.on('disconnect', () => process.exit(0));
  const failed = (index: number | null, error: unknown): void => {
    onError(error);
    send({ type: 'failed', index, code: error instanceof SigdegError ? error.code : 'INTERNAL', message: messageOf(error) });
  };
  let run: (task: Task) => Promise<void>;
  try {
    run = await start();
  } catch (error) {
    failed(null, error);
    return;
  }
  process.on('message', (message: ToTaskProcess) => {
    run(message.task).then(
      () => send({ type: 'done', index: message.index }),
      (error: unknown) => failed(message.index, error),
    );
  });
  send({ type: 'ready' });
}

function send(message: FromTaskProcess): void {
  process.send?.(message, undefined, undefined, () => undefined);
}
