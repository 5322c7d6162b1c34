/** Tries an engine in a process of its own: a binding that crashes ends nothing but that. */
import type { ProbeResult } from '../runtime/probe';
import { askWorker } from './ask-worker';

/** @param packageDir the engine's native part to try instead of the installed one. @throws SigdegError NO_ENGINE, or what ended the process. */
export const probe = (engine: string, packageDir?: string): Promise<ProbeResult> =>
  askWorker(['--probe', '--engine', engine, ...(packageDir === undefined ? [] : ['--package', packageDir])], `a process that tried the engine ${engine}`, packageDir);
