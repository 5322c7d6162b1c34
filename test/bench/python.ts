/** The Python environment of the peers, made once in the user's cache folder from the pinned requirements beside this file. */
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../../src/core/errors';
import { cacheFolder } from '../../src/runtime/native-package';
import { StderrTail } from '../../src/launch/stderr-tail';
import { hashBytes } from '../../src/store/hash';

const BENCH = path.join(process.cwd(), 'test', 'bench');
export const PEER = path.join(BENCH, 'peer', 'main.py');
const REQUIREMENTS = path.join(BENCH, 'requirements.txt');
/** Packages whose own requirements are not wanted. */
const ALONE = path.join(BENCH, 'requirements-alone.txt');

/**
 * The environment's Python; where there is none yet it is made, which takes minutes and a gigabyte.
 * @throws SigdegError NO_ENGINE when there is no Python or the packages cannot be had
 */
export async function peerPython(say: (line: string) => void): Promise<string> {
  const wanted = hashBytes(Buffer.concat([REQUIREMENTS, ALONE].map((file) => fs.readFileSync(file)))).slice(0, 12);
  const folder = path.join(cacheFolder(), 'bench-python', wanted);
  const python = process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
  const complete = path.join(folder, 'complete');
  if (fs.existsSync(complete)) return python;
  const base = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import venv, sys; sys.exit(sys.version_info < (3, 10))']).status === 0);
  if (base === undefined) {
    throw new SigdegError('NO_ENGINE', 'the peers need Python 3.10 or newer with its venv module, found none as python3 or python: install it, or run the cases without a peer (--list says which)');
  }
  say(`making the peers' Python environment in ${folder} (once, some minutes)`);
  fs.rmSync(folder, { recursive: true, force: true });
  await command(base, ['-m', 'venv', folder]);
  await command(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS]);
  await command(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', ALONE]);
  fs.writeFileSync(complete, '');
  return python;
}

async function command(file: string, args: readonly string[]): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const stderr = new StderrTail();
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve).on('error', () => resolve(null)));
  if (code !== 0) {
    const why = stderr.text().split('\n').findLast((line) => line.startsWith('ERROR')) ?? stderr.lastLine();
    throw new SigdegError('NO_ENGINE', `the peers' Python environment cannot be made: ${path.basename(file)} ${args.slice(0, 3).join(' ')}: ${why}: see to it and run the same command again`);
  }
}
