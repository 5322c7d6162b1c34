/** Folders in which something is made before it is moved to its place. Their names tell the process, so that the next one finds what a killed one left. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { dropQuietly } from '../system/files';
import { processExists } from '../system/processes';

const MARK = '.partial-';

/** Makes one beside where its contents will go, and deletes those of dead processes there. @throws what making it throws */
export function stagingFolder(beside: string): string {
  const parent = path.dirname(beside);
  fs.mkdirSync(parent, { recursive: true });
  for (const name of fs.readdirSync(parent)) if (isLeftover(name)) dropQuietly(path.join(parent, name));
  return fs.mkdtempSync(`${beside}${MARK}${os.hostname()}-${process.pid}-`);
}

/** A cache may be shared with other hosts: of their processes nothing is known here. */
function isLeftover(name: string): boolean {
  const [, host, pid] = /^(.*)-(\d+)-\w+$/.exec(name.split(MARK)[1] ?? '') ?? [];
  return host === os.hostname() && !processExists(Number(pid));
}
