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
 * @param patienceMs after which it is ended
 * @throws SigdegError that the worker reports, NO_ENGINE when it ends without a word or takes longer
 */
export function askWorker<T>(words: readonly string[], what: string, packageDir?: string, patienceMs = PATIENCE_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [workerPath(), ...words], { timeout: patienceMs, killSignal: 'SIGKILL', windowsHide: true, env: childEnvironment(packageDir) }, (error, stdout, stderr) => {
      const answer = stdout.trim().split('\n').at(-1) ?? '';
      if (error === null && answer.startsWith('{')) {
        resolve(JSON.parse(answer) as T);
        return;
      }
      if (error?.killed === true) {
        reject(new SigdegError('NO_ENGINE', `${what} took longer than ${patienceMs / 1000} s and was ended: try again when the machine has less to do`));
        return;
      }
      const tail = new StderrTail();
      tail.push(Buffer.from(stderr));
      const died = diedError(what, child.exitCode, child.signalCode, tail);
      reject(died.code === 'RUN_LOST' ? new SigdegError('NO_ENGINE', died.message.replace(/: the same command[^:]*$/, '')) : died);
    });
  });
}
