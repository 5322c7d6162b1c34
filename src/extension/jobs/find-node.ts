/** Finds what jobs are run with: the setting, else a Node of the PATH that is new enough, else the editor's own executable. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { messageOf, SigdegError } from '../../core/errors';

export interface NodeFound {
  readonly file: string;
  /** `20.19.4` */
  readonly version: string;
  readonly from: 'setting' | 'PATH' | 'editor';
}

export interface NodeSearch {
  /** `sigdeg.nodePath`; empty when it is not set. */
  readonly setting: string;
  readonly searchPath: string;
  /** What runs this: Electron, which is a Node when told so, or a Node. */
  readonly own: { readonly file: string; readonly version: string };
}

const LEAST = [20, 19] as const;
const PATIENCE_MS = 10_000;

let last: { key: string; found: Promise<NodeFound> } | undefined;

/** The same search is done once; again after one that failed, and when what it found is gone: Node was updated or removed. @throws SigdegError NOT_FOUND */
export async function findNode(search: NodeSearch): Promise<NodeFound> {
  const key = JSON.stringify(search);
  if (last?.key === key) {
    const found = await last.found;
    if (fs.existsSync(found.file)) return found;
  }
  const found = look(search);
  last = { key, found };
  found.catch(() => { last = undefined; });
  return found;
}

async function look({ setting, searchPath, own }: NodeSearch): Promise<NodeFound> {
  const wanted = `Node ${LEAST.join('.')} or newer`;
  if (setting !== '') {
    if (!path.isAbsolute(setting)) throw new SigdegError('NOT_FOUND', `sigdeg.nodePath: expected the absolute path of ${wanted}, found '${setting}': correct the setting or empty it`);
    const answer = await versionOf(setting);
    if (isEnough(answer.version)) return { file: setting, version: answer.version, from: 'setting' };
    throw new SigdegError('NOT_FOUND', `sigdeg.nodePath: expected ${wanted} at ${setting}, found ${answer.found}: correct the setting or empty it`);
  }
  const tried: string[] = [];
  for (const file of candidates(searchPath)) {
    const { version, found } = await versionOf(file);
    if (isEnough(version)) return { file, version, from: 'PATH' };
    tried.push(`${file} (${found})`);
  }
  // Older editors have a Node 20 a little below that one: it runs the jobs, too.
  if (Number(own.version.split('.')[0]) >= LEAST[0]) return { ...own, from: 'editor' };
  const seen = [...tried, `the editor's own (${own.version})`].join(', ');
  throw new SigdegError('NOT_FOUND', `expected ${wanted} to run jobs with, found ${seen}: install Node, or set sigdeg.nodePath to one`);
}

/** Absolute folders only: a relative one would run a program out of whatever folder is open. */
function candidates(searchPath: string): string[] {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return [...new Set(folders.map((folder) => path.join(folder, name)))].filter((file) => fs.existsSync(file));
}

/** Its version; `found` says in words what it has, or why it does not run. */
function versionOf(file: string): Promise<{ version: string | undefined; found: string }> {
  return new Promise((resolve) => {
    execFile(file, ['--version'], { timeout: PATIENCE_MS, windowsHide: true, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } }, (error, stdout) => {
      const version = /^v(\d+\.\d+\.\d+)/.exec(stdout.trim())?.[1];
      if (error === null && version !== undefined) resolve({ version, found: version });
      else resolve({ version: undefined, found: error === null ? 'no version' : messageOf(error).split('\n')[0]! });
    });
  });
}

function isEnough(version: string | undefined): version is string {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}
