/** What a pool and its processes say to each other over Node's IPC channel. */
import type { ErrorCode } from '../core/errors';
import type { Task } from '../jobs/context';

export interface ToTaskProcess {
  readonly type: 'task';
  readonly index: number;
  readonly task: Task;
}

export type FromTaskProcess =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly index: number }
  /** `index` null: the process cannot work at all. */
  | { readonly type: 'failed'; readonly index: number | null; readonly code: ErrorCode; readonly message: string };
