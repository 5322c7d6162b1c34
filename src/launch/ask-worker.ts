/** Asks a process of its own: native code that crashes ends nothing but that. */
import { execFile } from 'node:child_process';
import { SigdegError } from '../core/errors';
import { childEnvironment } from './child-environment';
import { diedError } from './died';
import { StderrTail } from './stderr-tail';
import { workerPath } from './worker-path';

const PATIENCE_MS = 120_000;

/**
 * @param words what the worker is asked; it answers with a line of JSON
 * @param what the process does, for messages
 * @param packageDir of the native engine, when it is another than the installed one
 * @throws SigdegError that the worker reports, NO_ENGINE when it ends without a word
 */
export function askWorker<T>(words: readonly string[], what: string, packageDir?: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [workerPath(), ...words], { timeout: PATIENCE_MS, killSignal: 'SIGKILL', windowsHide: true, env: childEnvironment(packageDir) }, (error, stdout, stderr) => {
      const answer = stdout.trim().split('\n').at(-1) ?? '';
      if (error === null && answer.startsWith('{')) {
        resolve(JSON.parse(answer) as T);
        return;
      }
      const tail = new StderrTail();
      tail.push(Buffer.from(stderr));
      const died = diedError(what, child.exitCode, child.signalCode, tail);
      reject(died.code === 'RUN_LOST' ? new SigdegError('NO_ENGINE', died.message.replace(/: the same command[^:]*$/, '')) : died);
    });
  });
}
