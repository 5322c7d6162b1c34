/**
 * Installs the native part of an npm package: npm fetches the package and checks it against the hash that stands in our sources, none of its scripts is run, what
 * other platforms need is left out, and the rest is tried in a process of its own before it is moved to its place. A failure leaves what was there before.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { messageOf, SigdegError, type ErrorCode } from '../core/errors';
import { dropQuietly, rename } from '../system/files';
import { npmCommand } from './npm-command';
import { checkStop, runProgram } from './run-program';
import { stagingFolder } from './staging';

export interface NativePart {
  readonly name: string;
  readonly version: string;
  /** Of the package as the registry has it; npm refuses another. */
  readonly integrity: string;
  /** What it is called in messages. */
  readonly title: string;
  readonly code: ErrorCode;
  /** What to do on a platform that the package does not serve. */
  readonly elsewhere: string;
  /** Free space that the package takes with all platforms, packed and unpacked. */
  readonly neededBytes: number;
  /** The folder of the package that holds all that this platform needs; undefined where the package has none. */
  readonly platformFolder: (packageDir: string) => string | undefined;
  /** The file in that folder that Node loads. */
  readonly binding: (dir: string) => string;
  /** Files of the package that are kept beside it. */
  readonly papers: readonly string[];
  /** Where it is put. */
  readonly home: string;
}

export interface InstallOptions<T> {
  readonly onLog: (line: string) => void;
  /** Aborted: what runs is ended, what was begun is deleted. */
  readonly stop?: AbortSignal | undefined;
  /** Tries what lies in a folder in a fresh process. Rejects when it does not compute. */
  readonly verify: (dir: string) => Promise<T>;
}

type Failed = (what: string, cause?: unknown) => SigdegError;

/** @returns what `verify` found. @throws SigdegError of the part's code with what is missing or failed; nothing has changed then */
export async function installNativePart<T>(part: NativePart, { onLog, stop, verify }: InstallOptions<T>): Promise<T> {
  const { name, version, title, home, neededBytes } = part;
  const failed: Failed = (what, cause) => new SigdegError(part.code, `${what}; nothing was changed`, { cause });
  if (part.platformFolder('') === undefined) throw failed(`${name} ${version} has no part for ${process.platform} on ${process.arch}: ${part.elsewhere}`);
  const npm = npmCommand();
  if (npm === undefined) throw failed(`npm fetches ${title}, and there is none beside this Node nor in PATH: install Node from nodejs.org, which brings it`);
  let staged: string | undefined;
  try {
    try {
      staged = stagingFolder(home);
    } catch (error) {
      throw failed(`${path.dirname(home)} cannot be written (${messageOf(error)}): make it writable, or set XDG_CACHE_HOME to another folder`, error);
    }
    const { bavail, bsize } = fs.statfsSync(staged);
    if (bavail * bsize < neededBytes) throw failed(`it needs ${neededBytes / 1e6} MB in ${path.dirname(home)}, ${(bavail * bsize / 1e6).toFixed(0)} MB are free: free some, or set XDG_CACHE_HOME to another disk`);
    onLog(`fetching ${name} ${version} with npm`);
    await fetchPackage(part, npm, staged, failed, stop);
    const ready = ownPart(part, staged, failed);
    onLog('trying it');
    const result = await verify(ready).catch((error: unknown) => { throw failed(`${title} was fetched but does not work: ${messageOf(error)}`, error); });
    checkStop(stop);
    moveIn(ready, home, path.join(staged, 'before'), failed);
    return result;
  } finally {
    if (staged !== undefined) dropQuietly(staged);
  }
}

/** Lets npm install the package alone, from a lock that names its hash and leaves out what it would need for its own development or installation. */
async function fetchPackage({ name, version, integrity }: NativePart, [file, ...words]: readonly [string, ...string[]], dir: string, failed: Failed, stop: AbortSignal | undefined): Promise<void> {
  const project = { private: true, dependencies: { [name]: version } };
  const { dependencies } = project;
  fs.writeFileSync(path.join(dir, 'package.json'), JSON.stringify(project));
  fs.writeFileSync(path.join(dir, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, requires: true, packages: { '': { dependencies }, [`node_modules/${name}`]: { version, integrity } } }));
  try {
    await runProgram(file, [...words, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: dir, stop, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  } catch (error) {
    if (error instanceof SigdegError) throw error;
    const lines = ((error as { stderr?: string }).stderr ?? '').split('\n').filter((line) => /^npm (error|ERR!) /.test(line)).map((line) => line.replace(/^npm (error|ERR!) /, ''));
    const why = lines.find((line) => !/^(code|errno|syscall) /.test(line)) ?? messageOf(error).split('\n')[0] ?? '';
    throw failed(`npm cannot get ${name} ${version}: ${why.trim()}: look at the network, or at npm's registry and proxy settings`, error);
  }
}

/** A folder with what this platform loads, and the papers. */
function ownPart({ name, platformFolder, binding, papers }: NativePart, dir: string, failed: Failed): string {
  const packageDir = path.join(dir, 'node_modules', name);
  const folder = platformFolder(packageDir)!;
  if (!fs.existsSync(binding(folder))) throw failed(`the package has no ${path.relative(packageDir, binding(folder))}`);
  const ready = path.join(dir, 'ready');
  rename(folder, ready);
  for (const paper of papers) fs.copyFileSync(path.join(packageDir, paper), path.join(ready, paper));
  return ready;
}

function moveIn(ready: string, home: string, before: string, failed: Failed): void {
  const had = fs.existsSync(home);
  try {
    if (had) rename(home, before);
    rename(ready, home);
  } catch (error) {
    if (had && fs.existsSync(before) && !fs.existsSync(home)) rename(before, home);
    throw failed(`it cannot be moved to ${home}: ${messageOf(error)}`, error);
  }
}
