/**
 * Errors that a user is meant to read. Each carries a stable code, which scripts may test for, and one line that says what was expected,
 * what was found, where, and what to do. Anything that is not a `SigdegError` is a bug and is reported as one.
 */
export const ERROR_CODES = [
  'BAD_USAGE', // the command line itself is wrong (exit 2)
  'BAD_CONFIG', // an experiment file does not fit the schema
  'NOT_FOUND', // a run, an experiment or a file that was named does not exist
  'NO_DATA', // a dataset is missing, unreadable or empty
  'BAD_FILE', // a data file (npy, idx, safetensors, PNG) or a model (safetensors, ONNX) breaks its format
  'BAD_CHECKPOINT', // a checkpoint's contents do not fit its manifest
  'NEWER_VERSION', // a run folder was written by a newer version
  'NO_SPACE', // the disk is full
  'NO_ACCESS', // a folder or file may not be read or written
  'NO_ENGINE', // a tfjs engine that was asked for, or ONNX Runtime, does not load
  'NATIVE_INSTALL', // building the native engine failed
  'WEBGPU_INSTALL', // fetching the WebGPU engine failed
  'ONNX_INSTALL', // fetching ONNX Runtime failed
  'NAN_LOSS', // training diverged
  'RUN_BUSY', // another living process owns the run
  'RUN_LOST', // the process that owned the run died without a word
  'NOT_COMPARABLE', // numbers of different kinds were asked for side by side
  'UNSUPPORTED', // a combination that the method does not have
  'INTERRUPTED', // the user stopped it
  'INTERNAL', // a bug
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export class SigdegError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SigdegError';
    this.code = code;
  }
}

/** The message of anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
