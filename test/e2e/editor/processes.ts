/** Every process that an editor of the tests starts, however deep and however detached, carries a mark in its environment, so that it can be found and ended. */
import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const MARK = 'SIGDEG_E2E_EDITOR';

export const marked = (id: string): Record<string, string> => ({ [MARK]: id });

/** What is left of an editor: `pid command line`. */
export function processesOf(id: string): { readonly pid: number; readonly command: string }[] {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((name) => {
    try {
      if (!fs.readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(`${MARK}=${id}`)) return [];
      const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // A zombie has no command line; its parent reaps it.
      return command === '' ? [] : [{ pid: Number(name), command }];
    } catch {
      return [];
    }
  });
}

/** Waits until none is left; after that kills. @returns the command lines of those that had to be killed */
export async function endProcesses(id: string, graceMs: number): Promise<string[]> {
  for (const deadline = Date.now() + graceMs; processesOf(id).length > 0 && Date.now() < deadline;) await sleep(100);
  const left = processesOf(id);
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  for (let i = 0; i < 50 && processesOf(id).length > 0; i++) await sleep(100);
  return left.map(({ command }) => command);
}
