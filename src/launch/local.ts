/** Runs a job in a child process of this machine. Control and results go through the run's folder; the process itself only tells when and how it ended. */
import { spawn } from 'node:child_process';
import { clearControl, writeControl } from '../store/control';
import { clearLastWords } from '../store/last-words';
import { childEnvironment } from './child-environment';
import { onFewerCores } from './spare-cores';
import { StderrTail } from './stderr-tail';
import { workerPath } from './worker-path';

export interface LaunchOptions {
  /** `auto` or an engine's name. */
  readonly engine: string;
  /** How many processes the job may use. */
  readonly processes: number;
  /** Cores that it shall leave to other programs. */
  readonly spareCores?: number;
  /** Outlives this process (and its terminal): an editor's window may close. Its stderr is not kept then. */
  readonly detached?: boolean;
  /** Stack traces on the child's stderr. */
  readonly verbose?: boolean;
  /** The entry to run instead of the built worker, with Node flags before it. */
  readonly worker?: { readonly file: string; readonly nodeFlags?: readonly string[] };
}

export interface ProcessEnd {
  /** Exit status; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderrTail: StderrTail;
}

export interface JobHandle {
  readonly dir: string;
  readonly pid: number | undefined;
  /** Resolves when the process has ended, also when it could not be started. Never rejects. */
  readonly done: Promise<ProcessEnd>;
  /** Asks the job to write a checkpoint and end. */
  stop(): void;
  /** Ends the process at once; the run goes on from its last checkpoint when it is resumed. */
  kill(): void;
}

/** Starts the worker on a run folder. What an earlier execution left there, a wish (`stop`) or its last words, is forgotten. */
export function launchRun(dir: string, options: LaunchOptions): JobHandle {
  clearControl(dir);
  clearLastWords(dir);
  const entry = options.worker?.file ?? workerPath();
  const flags = ['--engine', options.engine, '--processes', String(options.processes), ...(options.verbose === true ? ['--verbose'] : [])];
  const unwatched = options.detached === true;
  const [file, ...words] = onFewerCores([process.execPath, ...(options.worker?.nodeFlags ?? []), entry, dir, ...flags], options.spareCores ?? 0);
  const child = spawn(file!, words, {
    stdio: ['ignore', 'ignore', unwatched ? 'ignore' : 'pipe'],
    // A process group of its own: Ctrl-C in the terminal reaches only us, also while the child still loads, and we ask it for a checkpoint. (On Windows
    // that would open a window; there the child ignores Ctrl-C once it runs.)
    detached: unwatched || OWN_GROUP,
    windowsHide: true,
    env: childEnvironment(),
  });
  const stderrTail = new StderrTail();
  child.stderr?.on('data', (chunk: Buffer) => stderrTail.push(chunk));
  const done = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => {
      stderrTail.push(Buffer.from(`${error.message}\n`));
      resolve({ code: null, signal: null, stderrTail });
    });
    // 'close', not 'exit': by then stderr has been read to its end.
    child.once('close', (code, signal) => resolve({ code, signal, stderrTail }));
  });
  if (unwatched) child.unref();
  return {
    dir,
    pid: child.pid,
    done,
    stop: () => writeControl(dir, 'stop'),
    kill: () => {
      if (!OWN_GROUP || child.pid === undefined) {
        child.kill('SIGKILL');
        return;
      }
      try {
        // With it the processes that compute for it.
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it ended by itself
      }
    },
  };
}

const OWN_GROUP = process.platform !== 'win32';
