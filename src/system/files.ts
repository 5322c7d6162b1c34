/** Renames and deletes files as it goes where other programs look at every new one: on Windows a virus scanner or an indexer holds it for a moment, and the system refuses. */
import * as fs from 'node:fs';

const HELD = ['EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY'];
/** Pauses double from the first to the last: 5 s in all. */
const FIRST_PAUSE_MS = 10;
const LAST_PAUSE_MS = 2560;

/** Does what Windows refuses while another program holds a file, again and again for some seconds. Elsewhere a refusal is final. */
export function patiently<T>(act: () => T, platform: NodeJS.Platform = process.platform): T {
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    try {
      return act();
    } catch (error) {
      if (platform !== 'win32' || pause > LAST_PAUSE_MS || !HELD.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
  }
}

export const rename = (from: string, to: string): void => { patiently(() => { fs.renameSync(from, to); }); };

/** Deletes a file, or a folder with all that is in it; what is not there is no failure. */
export const remove = (target: string): void => { patiently(() => { fs.rmSync(target, { recursive: true, force: true }); }); };

/** The same for what is only in the way, such as the rest of a failed write: that failure, or the success, is what the user must hear of. */
export function dropQuietly(target: string): void {
  try {
    remove(target);
  } catch {
    // a folder that became read-only keeps its leftovers
  }
}
