/** Runs the programs of an installation (npm, pip, a compiler), which take minutes and start others: who cancels ends all of them. */
import { spawn } from 'node:child_process';
import { SigdegError } from '../core/errors';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Aborted: the program is ended, with those that it started. */
  readonly stop?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** Between two parts of an installation. @throws SigdegError INTERRUPTED when it was stopped meanwhile */
export function checkStop(stop: AbortSignal | undefined): void {
  if (stop?.aborted === true) throw new SigdegError('INTERRUPTED', 'the installation was stopped');
}

/** On Windows whoever ends takes along what it started, and a group of its own would open a window. */
const OWN_GROUP = process.platform !== 'win32';

/**
 * Resolves with its stdout once it has ended well, and rejects, with its `stderr` in the error, once it has ended otherwise: nothing is written any more then.
 * @throws SigdegError INTERRUPTED when it was stopped
 */
export function runProgram(file: string, words: readonly string[], { cwd, env, stop, timeoutMs }: ProgramOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const interrupted = (): SigdegError => new SigdegError('INTERRUPTED', `${file} was stopped`);
    if (stop?.aborted === true) {
      reject(interrupted());
      return;
    }
    const child = spawn(file, words, { cwd, env, detached: OWN_GROUP, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const end = (): void => {
      try {
        if (OWN_GROUP && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
        else child.kill();
      } catch {
        // it ended by itself
      }
    };
    stop?.addEventListener('abort', end, { once: true });
    const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
    const over = (): void => {
      clearTimeout(timer);
      stop?.removeEventListener('abort', end);
    };
    child.once('error', (error) => {
      over();
      reject(error);
    });
    // 'close', not 'exit': by then all that hold its output have ended.
    child.once('close', (code, signal) => {
      over();
      if (stop?.aborted === true) reject(interrupted());
      else if (code === 0) resolve(stdout);
      else reject(Object.assign(new Error(`${file} ${signal === null ? `ended with status ${code}` : `was ended by ${signal}`}`), { stderr }));
    });
  });
}
