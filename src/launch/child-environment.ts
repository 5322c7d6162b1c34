/** The environment of a process that computes: where the loader finds CUDA's libraries, and how many threads the native engine has. */
import * as os from 'node:os';
import { cudaLibraryFolders, withLibraryPath } from '../runtime/cuda-libraries';
import { nativePackageDir, readRecord } from '../runtime/native-package';

/**
 * TensorFlow's threads are always as many as this process may use cores, however many are left for the job: it sums in parts, one a thread, so another number
 * of threads gives other bits. What the user's environment says goes first.
 * @param packageDir the native engine's package, when it is another than the installed one
 */
export function childEnvironment(packageDir?: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  // Inside an editor the executable is Electron; this makes it plain Node. Node itself does not look at it.
  return withLibraryPath({ TF_NUM_INTRAOP_THREADS: String(os.availableParallelism()), ...env, ELECTRON_RUN_AS_NODE: '1' }, cudaFolders(packageDir));
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
