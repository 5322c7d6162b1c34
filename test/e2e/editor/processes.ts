/** Every process that an editor of the tests starts, however deep and however detached, carries a mark in its environment, so that it can be found and ended. */
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const MARK = 'SIGDEG_E2E_EDITOR';
const RUN_MARK = 'SIGDEG_E2E_RUN';

export const marked = (id: string): Record<string, string> => ({ [MARK]: id });

/**
 * Marks all that this process will start, and when this process ends, however it does, kills what is left of it and removes the folder. Tests that are cut off
 * cannot do so themselves.
 */
export function leaveNothingBehind(folder: string): void {
  const mark = (process.env[RUN_MARK] ??= randomUUID());
  const clean = (): void => {
    killAll(mark);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', clean);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      clean();
      process.exit(1);
    });
  }
}

/** What is left of an editor, or of a run of tests: `pid command line`. Without this process itself. */
export function processesOf(id: string): { readonly pid: number; readonly command: string }[] {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((name) => {
    try {
      const environment = fs.readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      if (![MARK, RUN_MARK].some((mark) => environment.includes(`${mark}=${id}`))) return [];
      const command = fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // A zombie has no command line; its parent reaps it.
      return command === '' ? [] : [{ pid: Number(name), command }];
    } catch {
      return [];
    }
  });
}

/** @returns those that there were */
export function killAll(id: string): ReturnType<typeof processesOf> {
  const left = processesOf(id);
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return left;
}

/** Waits until none is left; after that kills. @returns the command lines of those that had to be killed */
export async function endProcesses(id: string, graceMs: number): Promise<string[]> {
  for (const deadline = Date.now() + graceMs; processesOf(id).length > 0 && Date.now() < deadline;) await sleep(100);
  const left = killAll(id);
  for (let i = 0; i < 50 && processesOf(id).length > 0; i++) await sleep(100);
  return left.map(({ command }) => command);
}
