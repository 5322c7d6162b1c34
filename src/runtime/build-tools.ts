/** What building a Node addon needs, checked before anything is touched. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { SigdegError } from '../core/errors';

const run = promisify(execFile);

const TOOLS = [
  { command: 'g++', install: 'a C++ compiler (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++)' },
  { command: 'make', install: 'make (Debian, Ubuntu: apt install make; Fedora: dnf install make)' },
  { command: 'python3', install: 'Python 3 (Debian, Ubuntu: apt install python3; Fedora: dnf install python3)' },
] as const;

/** @returns the folder with `include/node/node.h`. @throws SigdegError NATIVE_INSTALL with all that is missing and how to get it */
export async function checkBuildTools(): Promise<{ nodeDir: string }> {
  const missing: string[] = [];
  for (const { command, install } of TOOLS) {
    if (!(await works(command))) missing.push(`${command}: install ${install}`);
  }
  const candidates = headerFolders();
  const nodeDir = candidates.find((folder) => fs.existsSync(path.join(folder, 'include', 'node', 'node.h')));
  if (nodeDir === undefined) {
    missing.push(`Node's headers (include/node/node.h in ${candidates.join(' or ')}): install Node from nodejs.org or with nvm, which bring them, or libnode-dev (Debian, Ubuntu), or set npm_config_nodedir to where they are`);
  }
  if (missing.length > 0 || nodeDir === undefined) throw new SigdegError('NATIVE_INSTALL', `building the native engine needs what is not here: ${missing.join('; ')}. The wasm engine works without`);
  return { nodeDir };
}

async function works(command: string): Promise<boolean> {
  try {
    await run(command, ['--version']);
    return true;
  } catch {
    return false;
  }
}

/** Where this Node's headers may lie: where the user says, beside the executable, where node-gyp keeps those that it once fetched. */
function headerFolders(): string[] {
  const { npm_config_nodedir: named } = process.env;
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)));
  return [...(named === undefined || named === '' ? [] : [named]), prefix, path.join(os.homedir(), '.cache', 'node-gyp', process.versions.node)];
}
