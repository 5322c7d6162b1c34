/** Processes by their numbers, and whose numbers these are. */
import * as fs from 'node:fs';

/** What else than the host's name tells whose process numbers these are: Windows and its Linux share the name, as containers may. */
export const PROCESS_SPACE = [process.platform, ...namespace()].join(' ');

function namespace(): string[] {
  try {
    return [fs.readlinkSync('/proc/self/ns/pid')];
  } catch {
    return [];
  }
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
