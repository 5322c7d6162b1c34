/** The environment of a process that computes: where the loader finds CUDA's libraries, and how many threads the native engine takes. */
import { cudaLibraryFolders, withLibraryPath } from '../runtime/cuda-libraries';
import { nativePackageDir, readRecord } from '../runtime/native-package';

export interface ComputingProcess {
  /** Threads of the native engine; TensorFlow's own choice, all cores, where nothing is said. What the user's environment says goes first. */
  readonly threads?: number | undefined;
  /** The native engine's package, when it is another than the installed one. */
  readonly packageDir?: string | undefined;
}

/** TensorFlow's pools for the parts of an operation and for operations, and OpenMP's, which some libraries have. */
const THREAD_VARIABLES = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS'] as const;

export function childEnvironment({ threads, packageDir }: ComputingProcess, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const limits = threads === undefined ? {} : Object.fromEntries(THREAD_VARIABLES.map((name) => [name, String(threads)]));
  // Inside an editor the executable is Electron; this makes it plain Node. Node itself does not look at it.
  return withLibraryPath({ ...limits, ...env, ELECTRON_RUN_AS_NODE: '1' }, cudaFolders(packageDir));
}

function cudaFolders(packageDir: string | undefined): string[] {
  try {
    const record = readRecord(packageDir ?? nativePackageDir());
    return record === undefined ? [] : cudaLibraryFolders(record.tensorflow);
  } catch {
    // The package is not there: an engine that needs it says so itself.
    return [];
  }
}

/** Threads of each of some jobs that share cores. */
export const threadsOfEach = (cores: number, jobs: number): number => Math.max(1, Math.floor(cores / Math.max(1, jobs)));
