/** Where the command line writes: results to stdout, everything else to stderr. With `--json` stdout carries exactly one JSON value. */
import { messageOf, SigdegError, type ErrorCode } from '../core/errors';
import { diskError } from '../store/disk-error';

export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
}

export class Output {
  readonly #streams: Streams;
  readonly json: boolean;
  readonly verbose: boolean;

  constructor(streams: Streams, options: { json: boolean; verbose: boolean }) {
    this.#streams = streams;
    this.json = options.json;
    this.verbose = options.verbose;
  }

  /** The command's result, once: `value` for scripts, `text` for people. */
  result(value: unknown, text: string): void {
    this.#streams.stdout.write(this.json ? `${JSON.stringify(value)}\n` : text === '' ? '' : `${text}\n`);
  }

  /** A line for the person who waits. */
  note(line: string): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  /** A failure in one line; the stack only with `--verbose`. What is no SigdegError is a bug and says so. */
  failure(error: unknown): void {
    const { code, message } = describe(error);
    if (this.json) this.#streams.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
    this.#streams.stderr.write(`error ${code}: ${message}\n`);
    if (this.verbose && error instanceof Error && error.stack !== undefined) this.#streams.stderr.write(`${error.stack}\n`);
  }
}

/** 0 done, 1 failed, 2 bad usage, 130 stopped (as a shell says of a program that Ctrl-C ended). */
export function exitStatus(error: unknown): number {
  const code = error instanceof SigdegError ? error.code : 'INTERNAL';
  return code === 'BAD_USAGE' ? 2 : code === 'INTERRUPTED' ? 130 : 1;
}

function describe(thrown: unknown): { code: ErrorCode; message: string } {
  const error = diskError(thrown);
  if (error instanceof SigdegError) return { code: error.code, message: oneLine(error.message) };
  return { code: 'INTERNAL', message: `${oneLine(messageOf(error))} (a bug; --verbose shows where)` };
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
