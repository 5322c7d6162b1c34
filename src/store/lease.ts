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
import { diskError } from './disk-error';

const LeaseSchema = z.object({
  host: z.string(),
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
export function acquireLease(dir: string): Lease {
  const file = leaseFile(dir);
  const name = path.basename(dir);
  if (isOwned(dir)) {
    const holder = readLease(dir);
    throw busy(name, holder);
  }
  const owner = randomUUID();
  try {
    fs.rmSync(file, { force: true });
    fs.writeFileSync(file, contentOf(owner), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw busy(name, readLease(dir));
    throw diskError(error, file);
  }
  return {
    file,
    owner,
    check() {
      const holder = readLease(dir);
      if (holder !== undefined && holder.owner !== owner) throw busy(name, holder);
      if (holder === undefined && !fs.existsSync(file)) throw new SigdegError('NOT_FOUND', `${dir}: the run's folder or its lease was deleted while it was executed`);
    },
    release() {
      if (readLease(dir)?.owner === owner) fs.rmSync(file, { force: true });
    },
  };
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
  const content: LeaseContent = { host: os.hostname(), pid: process.pid, time: Date.now(), owner };
  return `${JSON.stringify(content).padEnd(FILE_BYTES - 1)}\n`;
}

/** Whether a living process owns the run. */
export function isOwned(dir: string): boolean {
  const lease = readLease(dir);
  if (lease !== undefined) return isAlive(lease);
  const written = fs.statSync(leaseFile(dir), { throwIfNoEntry: false })?.mtimeMs;
  return written !== undefined && Math.abs(Date.now() - written) < TORN_MS;
}

const readLease = (dir: string): LeaseContent | undefined => parseLease(leaseFile(dir));

function parseLease(file: string): LeaseContent | undefined {
  try {
    return LeaseSchema.safeParse(JSON.parse(fs.readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function isAlive({ host, pid, time }: LeaseContent): boolean {
  // A time in the future comes of a clock that was set back: no sign of life.
  if (Math.abs(Date.now() - time) > STALE_MS) return false;
  return host !== os.hostname() || processExists(pid);
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
