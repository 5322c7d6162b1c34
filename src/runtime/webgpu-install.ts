/**
 * Installs the WebGPU engine's native part: npm fetches the package and checks it against the hash that stands here, none of its scripts is run, what other
 * platforms need is left out, and the rest is tried in a process of its own before it is moved to its place. A failure leaves what was there before.
 */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SigdegError } from '../core/errors';
import { npmCommand } from './npm-command';
import type { ProbeResult } from './probe';
import { dawnFile, platformFolder, WEBGPU_PACKAGE, webgpuDir } from './webgpu-package';

const run = promisify(execFile);
/** The package with all platforms, packed and unpacked. */
const NEEDED_BYTES = 0.3e9;

export interface WebgpuInstallOptions {
  readonly onLog: (line: string) => void;
  /** Tries the engine with the Dawn of a folder in a fresh process. Rejects when it does not compute. */
  readonly verify: (dir: string) => Promise<ProbeResult>;
}

export interface WebgpuInstallation {
  readonly dir: string;
  readonly version: string;
  readonly detail: string;
  /** False where `auto` leaves it alone, because what it runs on is no GPU. */
  readonly gpu: boolean;
}

/** @throws SigdegError WEBGPU_INSTALL with what is missing or failed; nothing has changed then */
export async function installWebgpu({ onLog, verify }: WebgpuInstallOptions): Promise<WebgpuInstallation> {
  const { name, version } = WEBGPU_PACKAGE;
  const failed = (what: string, cause?: unknown): SigdegError => new SigdegError('WEBGPU_INSTALL', `${what}; nothing was changed`, { cause });
  const home = webgpuDir();
  if (platformFolder('') === undefined) throw failed(`${name} ${version} has no part for ${process.platform} on ${process.arch}: the wasm engine works everywhere`);
  const npm = npmCommand();
  if (npm === undefined) throw failed('npm fetches the WebGPU engine, and there is none beside this Node nor in PATH: install Node from nodejs.org, which brings it');
  let staged: string | undefined;
  try {
    try {
      fs.mkdirSync(path.dirname(home), { recursive: true });
      staged = fs.mkdtempSync(`${home}.partial-`);
    } catch (error) {
      throw failed(`${path.dirname(home)} cannot be written (${messageOf(error)}): make it writable, or set XDG_CACHE_HOME to another folder`, error);
    }
    const { bavail, bsize } = fs.statfsSync(staged);
    if (bavail * bsize < NEEDED_BYTES) throw failed(`it needs ${NEEDED_BYTES / 1e6} MB in ${path.dirname(home)}, ${(bavail * bsize / 1e6).toFixed(0)} MB are free: free some, or set XDG_CACHE_HOME to another disk`);
    onLog(`fetching ${name} ${version} with npm`);
    await fetchPackage(npm, staged, failed);
    const ready = ownPart(staged, failed);
    onLog('trying it');
    const result = await verify(ready).catch((error: unknown) => { throw failed(`the WebGPU engine was fetched but does not work: ${messageOf(error)}`, error); });
    moveIn(ready, home, path.join(staged, 'before'), failed);
    return { dir: home, version, detail: result.detail, gpu: result.gpu };
  } finally {
    if (staged !== undefined) fs.rmSync(staged, { recursive: true, force: true });
  }
}

type Failed = (what: string, cause?: unknown) => SigdegError;

/** Lets npm install the package alone, from a lock that names its hash and leaves out what it would need for its own development. */
async function fetchPackage([file, ...words]: readonly [string, ...string[]], dir: string, failed: Failed): Promise<void> {
  const { name, version, integrity } = WEBGPU_PACKAGE;
  const project = { private: true, dependencies: { [name]: version } };
  const { dependencies } = project;
  fs.writeFileSync(path.join(dir, 'package.json'), JSON.stringify(project));
  fs.writeFileSync(path.join(dir, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, requires: true, packages: { '': { dependencies }, [`node_modules/${name}`]: { version, integrity } } }));
  try {
    await run(file, [...words, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: dir, maxBuffer: 1 << 26, windowsHide: true, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  } catch (error) {
    const lines = ((error as { stderr?: string }).stderr ?? '').split('\n').filter((line) => /^npm (error|ERR!) /.test(line)).map((line) => line.replace(/^npm (error|ERR!) /, ''));
    const why = lines.find((line) => !/^(code|errno|syscall) /.test(line)) ?? messageOf(error).split('\n')[0] ?? '';
    throw failed(`npm cannot get ${name} ${version}: ${why.trim()}: look at the network, or at npm's registry and proxy settings`, error);
  }
}

/** A folder with what this platform loads, and the licence. */
function ownPart(dir: string, failed: Failed): string {
  const packageDir = path.join(dir, 'node_modules', WEBGPU_PACKAGE.name);
  const folder = platformFolder(packageDir)!;
  if (!fs.existsSync(dawnFile(folder))) throw failed(`the package has no ${path.relative(packageDir, dawnFile(folder))}`);
  const ready = path.join(dir, 'ready');
  fs.renameSync(folder, ready);
  for (const name of ['LICENSE.md', 'package.json']) fs.copyFileSync(path.join(packageDir, name), path.join(ready, name));
  return ready;
}

function moveIn(ready: string, home: string, before: string, failed: Failed): void {
  const had = fs.existsSync(home);
  try {
    if (had) fs.renameSync(home, before);
    fs.renameSync(ready, home);
  } catch (error) {
    if (had && fs.existsSync(before) && !fs.existsSync(home)) fs.renameSync(before, home);
    throw failed(`it cannot be moved to ${home}: ${messageOf(error)}`, error);
  }
}
