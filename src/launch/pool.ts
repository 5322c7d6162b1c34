/** Several processes that do a job's tasks. */
import { fork, type ChildProcess } from 'node:child_process';
import { SigdegError } from '../core/errors';
import type { Executor, Task, Wishes } from '../jobs/context';
import { taskEnvironment } from './child-environment';
import { diedError } from './died';
import { StderrTail } from './stderr-tail';
import type { FromTaskProcess, ToTaskProcess } from './task-messages';
import { workerPath } from './worker-path';

export interface PoolOptions {
  readonly processes: number;
  readonly engine: string;
  readonly verbose?: boolean;
  /** The entry to fork instead of the built worker, with Node flags. */
  readonly worker?: { readonly file: string; readonly nodeFlags?: readonly string[] };
}

interface Member {
  readonly child: ChildProcess;
  readonly stderrTail: StderrTail;
}

/** A training may follow the tasks that it needed: their processes are not kept for that. */
const IDLE_MS = 10_000;

/**
 * N forked `worker.js --tasks`, one task at a time each, started at the first use and kept until `close` or until there was nothing to do for a while. A process
 * that dies ends the whole batch with an error that quotes its last words. The children end by themselves when this process does.
 */
export class ProcessPool implements Executor {
  readonly #options: PoolOptions;
  #members: Member[] = [];
  #idle: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  async run(tasks: readonly Task[], onDone: (i: number) => void, wishes: Wishes): Promise<void> {
    clearTimeout(this.#idle);
    let next = 0;
    const work = async (member: Member): Promise<void> => {
      await ready(member);
      for (;;) {
        await wishes.pause();
        if (next >= tasks.length || wishes.interrupted()) return;
        const i = next++;
        await doTask(member, i, tasks[i]!);
        onDone(i);
      }
    };
    const wanted = Math.min(this.#options.processes, tasks.length);
    while (this.#members.length < wanted) this.#members.push(this.#start());
    try {
      await Promise.all(this.#members.slice(0, wanted).map(work));
    } catch (error) {
      // The others would go on with tasks whose results nobody waits for.
      this.close();
      throw error;
    }
    this.#idle = setTimeout(() => { this.close(); }, IDLE_MS).unref();
  }

  /** Ends the processes. A later `run` starts fresh ones. */
  close(): void {
    clearTimeout(this.#idle);
    for (const { child } of this.#members) child.kill('SIGKILL');
    this.#members = [];
  }

  #start(): Member {
    const { engine, verbose, worker } = this.#options;
    const child = fork(worker?.file ?? workerPath(), ['--tasks', '--engine', engine, ...(verbose === true ? ['--verbose'] : [])], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: taskEnvironment(),
      ...(worker?.nodeFlags === undefined ? {} : { execArgv: [...worker.nodeFlags] }),
    });
    const stderrTail = new StderrTail();
    child.stderr?.on('data', (chunk: Buffer) => stderrTail.push(chunk));
    child.setMaxListeners(0);
    return { child, stderrTail };
  }
}

const isReady = new WeakSet<ChildProcess>();

async function ready(member: Member): Promise<void> {
  if (isReady.has(member.child)) return;
  await reply(member, (message) => message.type === 'ready');
  isReady.add(member.child);
}

async function doTask(member: Member, index: number, task: Task): Promise<void> {
  const message: ToTaskProcess = { type: 'task', index, task };
  const answer = reply(member, (m) => m.type === 'done' && m.index === index);
  // A failed send shows as the process's end, which `reply` reports.
  member.child.send(message, () => undefined);
  await answer;
}

/** Waits for one message; rejects when the process reports a failure or ends. */
function reply({ child, stderrTail }: Member, isAnswer: (message: FromTaskProcess) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: SigdegError): void => {
      child.off('message', onMessage);
      child.off('close', onClose);
      child.off('error', onError);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onMessage = (message: unknown): void => {
      const m = message as FromTaskProcess;
      if (m.type === 'failed') settle(new SigdegError(m.code, m.message));
      else if (isAnswer(m)) settle();
    };
    const onClose = (code: number | null, signal: NodeJS.Signals | null): void => {
      settle(diedError('a computing process', code, signal, stderrTail));
    };
    const onError = (error: Error): void => settle(new SigdegError('RUN_LOST', `a computing process did not start: ${error.message}`));
    child.on('message', onMessage);
    child.on('close', onClose);
    child.on('error', onError);
    if (child.exitCode !== null || child.signalCode !== null) onClose(child.exitCode, child.signalCode);
  });
}
