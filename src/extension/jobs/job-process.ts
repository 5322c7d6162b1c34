/** The process of a job: how it is started, whether it lives, and what it said in the end. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { messageOf } from '../../core/errors';
import { StderrTail } from '../../launch/stderr-tail';
import { runsFile, stderrFile, stdoutFile, textOf, type JobRecord } from './job-record';

export interface JobCommand {
  /** Node, or what is one when told so. */
  readonly node: string;
  /** dist/cli.js */
  readonly cli: string;
  /** Options before the command: `['--engine', 'auto']` */
  readonly globals: readonly string[];
  readonly cwd: string;
}

export interface StartedProcess {
  readonly pid: number;
  /** Resolves with the exit status or the signal. Never rejects. */
  readonly exit: Promise<number | string | null>;
}

/** It outlives this process: one that shall not is asked to stop, where its end with us would be without a checkpoint. @throws what spawning throws, or rejects, when the program cannot be started. */
export async function startProcess({ dir, words }: JobRecord, { node, cli, globals, cwd }: JobCommand): Promise<StartedProcess> {
  const [out, err] = [fs.openSync(stdoutFile(dir), 'w'), fs.openSync(stderrFile(dir), 'w')];
  try {
    const child = spawn(node, [cli, '--json', ...globals, '--announce', runsFile(dir), ...words], { cwd, detached: true, windowsHide: true, stdio: ['ignore', out, err], env: environment() });
    const exit = new Promise<number | string | null>((resolve) => child.once('exit', (code, signal) => { resolve(signal ?? code); }));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    return { pid: child.pid!, exit };
  } finally {
    fs.closeSync(out);
    fs.closeSync(err);
  }
}

/** The editor's environment without what it keeps for itself; its executable is told to be a Node. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VSCODE_'));
  return { ...Object.fromEntries(own), ELECTRON_RUN_AS_NODE: '1' };
}

/**
 * Whether the job's process lives. Another program with the same number does not count: not where the job has said its result, which is the last that it does; nor
 * where the system tells what a process runs, and elsewhere none that was started after the system was.
 */
export function isAlive({ dir, pid }: JobRecord): boolean {
  if (pid === null || textOf(stdoutFile(dir), 1) !== '') return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir);
  } catch {
    return process.platform !== 'linux' && startedSinceBoot(dir);
  }
}

/** Its output was opened when it was started, and is written at its end. */
const startedSinceBoot = (dir: string): boolean => (fs.statSync(stdoutFile(dir), { throwIfNoEntry: false })?.mtimeMs ?? 0) > Date.now() - 1000 * os.uptime();

export interface JobOutcome {
  readonly state: 'done' | 'failed' | 'stopped';
  readonly error?: string;
  readonly result?: unknown;
}

/** What an ended job said. `exit` is null where nobody waited for it. */
export function outcomeOf(dir: string, exit: number | string | null, stopAsked: boolean): JobOutcome {
  let answer: unknown;
  // Another window took the job over while this one slept, and has told how it ended.
  if (!fs.existsSync(dir) && (exit === null || exit === 0)) return { state: 'done', result: {} };
  try {
    answer = JSON.parse(fs.readFileSync(stdoutFile(dir), 'utf8'));
  } catch (error) {
    if (stopAsked) return { state: 'stopped' };
    const words = lastWords(dir).lastLine();
    const how = exit === null ? 'ended' : typeof exit === 'string' ? `was ended by ${exit}` : `ended with status ${exit}`;
    return { state: 'failed', error: `RUN_LOST: the job's command ${how} without a result${words === '' ? ` (${messageOf(error)})` : `; its last words: ${words}`}: the same again goes on from the last checkpoint` };
  }
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return { state: 'done', result: answer };
  const { code, message } = answer.error as { code: string; message: string };
  return code === 'INTERRUPTED' ? { state: 'stopped' } : { state: 'failed', error: `${code}: ${message}` };
}

/** The last lines of its stderr. */
export function lastWords(dir: string): StderrTail {
  const words = new StderrTail();
  words.push(Buffer.from(textOf(stderrFile(dir), 1 << 14)));
  return words;
}
