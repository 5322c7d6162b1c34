/** The environments of processes that compute: where the loader finds CUDA's libraries, and how many threads the native engine has. */
import * as os from 'node:os';
import { cudaLibraryFolders, withLibraryPath } from '../runtime/cuda-libraries';
import { nativePackageDir, readRecord } from '../runtime/native-package';

/**
 * The environment of a job. TensorFlow's threads are always as many as this process may use cores, however many are left for the job: in training it sums in parts,
 * one a thread, so another number of threads gives other bits. What the user's environment says goes first.
 * @param packageDir the native engine's package, when it is another than the installed one
 */
export function childEnvironment(packageDir?: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  // Inside an editor the executable is Electron; this makes it plain Node. Node itself does not look at it.
  return withLibraryPath({ TF_NUM_INTRAOP_THREADS: String(os.availableParallelism()), ...env, ELECTRON_RUN_AS_NODE: '1' }, cudaFolders(packageDir));
}

/**
 * The environment of one of several processes that do tasks. Each has one thread: two of them draw images 1.6 times as fast as one process of two threads, whose noise
 * one core makes. What is drawn depends on neither, unlike what is trained (`test/integration/processes.test.ts`).
 */
export const taskEnvironment = (env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({ ...env, TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' });

function cudaFolders(packageDir: string | undefined): string[] {
  try {
    const record = readRecord(packageDir ?? nativePackageDir());
    return record === undefined ? [] : cudaLibraryFolders(record.tensorflow);
  } catch {
    // The package is not there: an engine that needs it says so itself.
    return [];
  }
}
