import { ERROR_CODES, SigdegError, type ErrorCode } from '../core/errors';
import type { StderrTail } from './stderr-tail';

/**
 * Why a process ended that did not report a failure. A last line of the form `CODE: message` is what `worker.ts` writes when it fails before it owns its run's
 * events; anything else is quoted in a RUN_LOST.
 */
export function diedError(what: string, code: number | null, signal: NodeJS.Signals | null, stderrTail: StderrTail): SigdegError {
  const words = stderrTail.lastLine();
  const coded = /^([A-Z_]+): (.*)$/.exec(words);
  if (coded !== null && isErrorCode(coded[1]!)) return new SigdegError(coded[1], coded[2]!);
  const how = signal === null ? (code === null ? 'did not start' : `ended with status ${code}`) : `was ended by ${signal}`;
  const hint = signal === null ? '' : (SIGNAL_HINTS[signal] ?? '');
  return new SigdegError('RUN_LOST', `${what} ${how}${hint}${words === '' ? '' : `; its last words: ${words}`}: the same command again goes on from the last checkpoint`);
}

const CRASH = ' (a crash in native code; try --engine wasm)';
const SIGNAL_HINTS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: ' (often: out of memory; try fewer --processes)',
  SIGSEGV: CRASH,
  SIGILL: CRASH,
  SIGBUS: CRASH,
  SIGABRT: CRASH,
};

function isErrorCode(code: string): code is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code);
}
