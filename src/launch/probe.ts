/** Tries an engine in a process of its own: a binding that crashes ends nothing but that. */
import { execFile } from 'node:child_process';
import { SigdegError } from '../core/errors';
import type { ProbeResult } from '../runtime/probe';
import { childEnvironment } from './child-environment';
import { diedError } from './died';
import { StderrTail } from './stderr-tail';
import { workerPath } from './worker-path';

const PATIENCE_MS = 120_000;

/** @param packageDir the engine's native part to try instead of the installed one. @throws SigdegError NO_ENGINE, or what ended the process. */
export function probe(engine: string, packageDir?: string): Promise<ProbeResult> {
  const args = [workerPath(), '--probe', '--engine', engine, ...(packageDir === undefined ? [] : ['--package', packageDir])];
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, args, { timeout: PATIENCE_MS, killSignal: 'SIGKILL', windowsHide: true, env: childEnvironment(packageDir) }, (error, stdout, stderr) => {
      const answer = stdout.trim().split('\n').at(-1) ?? '';
      if (error === null && answer.startsWith('{')) {
        resolve(JSON.parse(answer) as ProbeResult);
        return;
      }
      const tail = new StderrTail();
      tail.push(Buffer.from(stderr));
      const died = diedError(`a process that tried the engine ${engine}`, child.exitCode, child.signalCode, tail);
      reject(died.code === 'RUN_LOST' ? new SigdegError('NO_ENGINE', died.message.replace(/: the same command[^:]*$/, '')) : died);
    });
  });
}
