/** Whole programs, in processes of their own: from the start to the end of the command. */
import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../../../src/core/errors';
import { StderrTail } from '../../../src/launch/stderr-tail';
import { runsFolder } from './files';
import type { OpenWork } from './work';

const CLI = path.join('dist', 'cli.js');

const running = new Set<ChildProcess>();
process.on('exit', () => { for (const child of running) child.kill(); });

/** What a program wrote to stdout, and how many seconds it took. @throws SigdegError with its last words */
async function program(args: readonly string[]): Promise<{ stdout: string; seconds: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const stderr = new StderrTail();
  const stdout: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  running.delete(child);
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new SigdegError('RUN_LOST', `${args.slice(0, 2).join(' ')} ended with status ${code ?? '?'}: ${stderr.lastLine()}`);
  return { stdout: Buffer.concat(stdout).toString('utf8'), seconds };
}

/** `npm run demo` without npm, in an empty folder. */
export const openDemo: OpenWork = (_params, { scratch }) => ({
  facts: {},
  async run(iterations) {
    let total = 0;
    for (let i = 0; i < iterations; i++) {
      const folder = fs.mkdtempSync(path.join(scratch, 'demo-'));
      total += (await program([CLI, 'demo', '--engine', 'wasm', '--runs-dir', path.join(folder, 'runs'), '--json'])).seconds;
      fs.rmSync(folder, { recursive: true, force: true });
    }
    return total;
  },
});

/** `sigdeg runs` on a folder of many, from nothing. */
export const openRunsCommand: OpenWork = (params, { scratch }) => {
  const folder = runsFolder(scratch, params['count'] as number);
  return {
    facts: {},
    async run(iterations) {
      let total = 0;
      for (let i = 0; i < iterations; i++) total += (await program([CLI, 'runs', '--runs-dir', folder, '--json'])).seconds;
      return total;
    },
  };
};

/** What panel.mjs measured in Chromium: `chart`, until the first picture stands there; `panWork`, processor time of a frame. */
export const openPanel: OpenWork = (params) => ({
  facts: {},
  async run(iterations) {
    const { stdout } = await program([path.join('test', 'bench', 'panel.mjs'), '--json', '--rounds', String(iterations)]);
    const figure = params['figure'] as string;
    const median = (JSON.parse(stdout) as Record<string, { median: number }>)[figure]?.median;
    if (median === undefined) throw new SigdegError('INTERNAL', `panel.mjs gave no ${figure}`);
    return (median / 1000) * iterations;
  },
});
