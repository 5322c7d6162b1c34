/** Launches a run and waits for its end, passing its events on. */
import { ERROR_CODES, SigdegError, type ErrorCode } from '../core/errors';
import { writeControl } from '../store/control';
import type { RunEvent } from '../store/events';
import { writeLastWords } from '../store/last-words';
import { BEAT_MS, isOwned } from '../store/lease';
import { runState } from '../store/run';
import { diedError } from './died';
import { followRun } from './follow';
import { launchRun, type LaunchOptions } from './local';

export interface WatchOptions {
  readonly onEvent?: (event: RunEvent) => void;
  /** Aborted: the run writes a checkpoint and stops. */
  readonly stop?: AbortSignal;
  /** Aborted: the process is ended at once. */
  readonly kill?: AbortSignal;
}

export interface RunEnd {
  readonly state: 'done' | 'failed' | 'stopped' | 'lost';
  readonly error?: SigdegError;
  /** The last lines of the process's stderr. */
  readonly stderr: string;
}

/**
 * Executes (or resumes) the run of a folder in a child process; when another process was quicker to do so, watches that. Resolves with how it ended; never
 * rejects because the job failed.
 */
export async function runToEnd(dir: string, launch: LaunchOptions, watching: WatchOptions): Promise<RunEnd> {
  const { onEvent, stop, kill } = watching;
  // The reader must be in place before the process starts, so that it skips exactly the events of earlier executions.
  let processEnded: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (processEnded = resolve));
  const events = followRun(dir, { from: 'new', ended });
  const job = launchRun(dir, launch);
  void job.done.then(processEnded);

  const onStop = (): void => job.stop();
  const onKill = (): void => job.kill();
  stop?.addEventListener('abort', onStop, { once: true });
  kill?.addEventListener('abort', onKill, { once: true });
  if (stop?.aborted === true) onStop();
  let end: StateEvent | undefined;
  try {
    for await (const event of events) {
      onEvent?.(event);
      if (event.type === 'state') end = event;
    }
  } finally {
    stop?.removeEventListener('abort', onStop);
  }
  const { code, signal, stderrTail } = await job.done;
  kill?.removeEventListener('abort', onKill);

  // Between its fork and its own process group a child still belongs to the terminal, whose Ctrl-C then ends it before it has begun. A second one begins, finds
  // the wish to stop and leaves the run as any stopped one.
  if (end === undefined && signal === 'SIGINT' && stop?.aborted === true && kill?.aborted !== true) return runToEnd(dir, launch, watching);
  const lost = (): SigdegError => (kill?.aborted === true ? interrupted() : diedError("the run's process", code, signal, stderrTail));
  const result = outcome(end, lost, stderrTail.text());
  if (result.error?.code === 'RUN_BUSY') {
    if (isExecuted(dir)) return joinRun(dir, watching);
    // Who had it has ended meanwhile: with it, or without.
    return runState(dir) === 'done' ? { state: 'done', stderr: '' } : runToEnd(dir, launch, watching);
  }
  if (result.state === 'lost' && result.error !== undefined) remember(dir, result.error, result.stderr);
  return result;
}

/** Watches a run that another process executes until it ends. `stop` asks that process to stop; `kill` only ends the watching. */
export async function joinRun(dir: string, { onEvent, stop, kill }: WatchOptions): Promise<RunEnd> {
  const left = new AbortController();
  const leave = (): void => left.abort();
  const onStop = (): void => writeControl(dir, 'stop');
  stop?.addEventListener('abort', onStop, { once: true });
  kill?.addEventListener('abort', leave, { once: true });
  // Its process is not ours to wait for: the lease tells when it died. Twice: after a sleep of this machine its last heartbeat is old until the next one.
  let dead = 0;
  const watch = setInterval(() => {
    dead = isExecuted(dir) ? 0 : dead + 1;
    if (dead === 2) leave();
  }, LEASE_POLL_MS);
  let end: StateEvent | undefined;
  try {
    for await (const event of followRun(dir, { from: 'execution', signal: left.signal })) {
      onEvent?.(event);
      if (event.type === 'state') end = event;
    }
  } finally {
    clearInterval(watch);
    stop?.removeEventListener('abort', onStop);
    kill?.removeEventListener('abort', leave);
  }
  const lost = (): SigdegError => new SigdegError('RUN_LOST', 'the process that executed the run died without a word: the same command again goes on from the last checkpoint');
  return outcome(end, () => (kill?.aborted === true ? interrupted() : lost()), '');
}

/** For everybody who looks at the run later. */
function remember(dir: string, { code, message }: SigdegError, stderr: string): void {
  try {
    writeLastWords(dir, { code, message, lines: stderr === '' ? [] : stderr.split('\n') });
  } catch {
    // a full disk, or the folder was deleted: the caller has the words
  }
}

type StateEvent = Extract<RunEvent, { type: 'state' }>;
/** Between two looks there is a heartbeat. */
const LEASE_POLL_MS = 1.25 * BEAT_MS;

/** Whether a process works on the run. */
function isExecuted(dir: string): boolean {
  try {
    const state = runState(dir);
    // One that has only just taken the run says nothing yet.
    return state === 'running' || state === 'paused' || isOwned(dir);
  } catch {
    // its folder was deleted meanwhile
    return false;
  }
}

function outcome(end: StateEvent | undefined, lost: () => SigdegError, stderr: string): RunEnd {
  switch (end?.state) {
    case 'done':
    case 'stopped':
      return { state: end.state, stderr };
    case 'failed':
      return { state: 'failed', error: recorded(end.error), stderr };
    default:
      return { state: 'lost', error: lost(), stderr };
  }
}

const recorded = (error: { code: string; message: string } | undefined): SigdegError =>
  new SigdegError(ERROR_CODES.find((code): code is ErrorCode => code === error?.code) ?? 'INTERNAL', error?.message ?? 'the run failed without a message');

const interrupted = (): SigdegError => new SigdegError('INTERRUPTED', 'ended at once; the run goes on from its last checkpoint when it is resumed');
