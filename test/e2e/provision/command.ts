/** Commands of the provision: their output goes to a log, and into the error when they fail. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CACHE } from './places';

const LOG = path.join(CACHE, 'provision.log');
/** No step takes this long on a slow disk and network. */
const LIMIT_MS = 15 * 60_000;

/** @throws Error with the command, its exit and the end of its output */
export function command(file: string, words: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}): Promise<void> {
  const line = [file, ...words].join(' ');
  fs.appendFileSync(LOG, `\n$ ${line}\n`);
  return new Promise((resolve, reject) => {
    const tail: string[] = [];
    const child = spawn(file, words, { cwd: options.cwd ?? CACHE, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    const take = (chunk: Buffer): void => {
      fs.appendFileSync(LOG, chunk);
      tail.push(chunk.toString());
      if (tail.length > 200) tail.shift();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${line}\nended with ${signal ?? code}; the last of its output (all of it: ${LOG}):\n${tail.join('').split('\n').slice(-30).join('\n')}`));
    });
  });
}

/** npm as the one that runs us, else the one beside Node. Install scripts stay off: what must be built is built by name. */
export function npm(cwd: string, ...words: string[]): Promise<void> {
  return command(process.execPath, [npmCli(), ...words, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=5'], { cwd });
}

export function npmCli(): string {
  const beside = [['..', 'lib'], ['..', 'share'], ['.']].map((words) => path.join(path.dirname(fs.realpathSync(process.execPath)), ...words, 'node_modules', 'npm', 'bin', 'npm-cli.js'));
  const found = [process.env['npm_execpath'], ...beside, '/usr/share/nodejs/npm/bin/npm-cli.js'].find((file) => file !== undefined && fs.existsSync(file));
  if (found === undefined) throw new Error(`npm is not beside ${process.execPath}: start the tests as npm run test:e2e`);
  return fs.realpathSync(found);
}
