/**
 * Who executes a run: `lease.json` holds the owner's host, process and last heartbeat. A heartbeat overwrites the file in place, with as many bytes as
 * before: a reader never finds it empty, and a full disk does not stop it.
 */
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { z } from 'zod';
import { SigdegError } from '../core/errors';
import { dropQuietly, remove, rename } from '../system/files';
import { PROCESS_SPACE, processExists } from '../system/processes';
import { diskError } from './disk-error';

const LeaseSchema = z.object({
  host: z.string(),
  /** Whose process numbers those are, on that host; leases of before do not tell. */
  space: z.string().optional(),
  pid: z.number().int().positive(),
  /** ms since 1970 of the last beat. */
  time: z.number(),
  /** Tells this owner from any other, also one that has the same pid later. */
  owner: z.string(),
});
type LeaseContent = z.infer<typeof LeaseSchema>;

export const BEAT_MS = 2000;
/**
 * An owner that has not beaten for so long is dead, even where a process of its number runs: after a restart that is another program. Generous, because on a
 * cluster the clocks of two hosts differ, and a file takes a while to be seen from the other.
 */
const STALE_MS = 60_000;
/** A lease without readable contents is being written; an older one was torn by a crash or a full disk. */
const TORN_MS = 5000;
const FILE_BYTES = 256;

const leaseFile = (dir: string): string => path.join(dir, 'lease.json');

export interface Lease {
  readonly file: string;
  readonly owner: string;
  /** @throws SigdegError RUN_BUSY when another process has taken the run over, NOT_FOUND when its folder is gone. */
  check(): void;
  release(): void;
}

/** Makes this process the run's only owner. @throws SigdegError RUN_BUSY while another one lives. */
export const acquireLease = (dir: string): Lease => acquire(leaseFile(dir), path.basename(dir));

/** The same with a file of any name. @throws SigdegError RUN_BUSY, NO_SPACE, NO_ACCESS, NOT_FOUND */
export function acquire(file: string, name: string): Lease {
  const before = holding(file);
  if (before === 'held') throw busy(name, parseLease(file));
  const owner = randomUUID();
  try {
    // What is free is only created: the system lets one succeed.
    if (before === 'dead') removeDead(file, name);
    fs.writeFileSync(file, contentOf(owner), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw busy(name, parseLease(file));
    throw diskError(error, file);
  }
  return {
    file,
    owner,
    check() {
      const holder = parseLease(file);
      if (holder !== undefined && holder.owner !== owner) throw busy(name, holder);
      if (holder === undefined && !fs.existsSync(file)) throw new SigdegError('NOT_FOUND', `${path.dirname(file)}: the run's folder or its lease was deleted while it was executed`);
    },
    release() {
      if (parseLease(file)?.owner === owner) remove(file);
    },
  };
}

/** Takes a dead owner's file away. Of several that do so at once, none takes away what another has put in its place meanwhile. */
function removeDead(file: string, name: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (holding(aside) !== 'held') return;
    fs.linkSync(aside, file);
    throw busy(name, parseLease(aside));
  } finally {
    dropQuietly(aside);
  }
}

function busy(name: string, holder: LeaseContent | undefined): SigdegError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new SigdegError('RUN_BUSY', `${name} is executed by ${who}: wait for it, or stop it with «sigdeg stop ${name}»`);
}

/** Says that the owner lives. Does nothing once another process owns the run or the file is gone. */
export function beat(file: string, owner: string): void {
  if (parseLease(file)?.owner !== owner) return;
  const fd = fs.openSync(file, 'r+');
  try {
    fs.writeSync(fd, contentOf(owner), 0);
  } finally {
    fs.closeSync(fd);
  }
}

function contentOf(owner: string): string {
  const content: LeaseContent = { host: os.hostname(), space: PROCESS_SPACE, pid: process.pid, time: Date.now(), owner };
  return `${JSON.stringify(content).padEnd(FILE_BYTES - 1)}\n`;
}

/** Whether a living process owns the run. */
export const isOwned = (dir: string): boolean => holding(leaseFile(dir)) === 'held';

function holding(file: string): 'free' | 'held' | 'dead' {
  const lease = parseLease(file);
  if (lease !== undefined) return isAlive(lease) ? 'held' : 'dead';
  const written = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (written === undefined) return 'free';
  return Math.abs(Date.now() - written) < TORN_MS ? 'held' : 'dead';
}

function parseLease(file: string): LeaseContent | undefined {
  try {
    return LeaseSchema.safeParse(JSON.parse(fs.readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function isAlive({ host, space = PROCESS_SPACE, pid, time }: LeaseContent): boolean {
  // A time in the future comes of a clock that was set back: no sign of life.
  if (Math.abs(Date.now() - time) > STALE_MS) return false;
  return host !== os.hostname() || space !== PROCESS_SPACE || processExists(pid);
}
