import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';

interface LeaseContent {
  readonly host: string;
  readonly pid: number;
  /** ms since 1970 of the last beat. */
  readonly time: number;
}

/** A process that has not beaten for so long is taken for dead. */
const STALE_MS = 20_000;
const BEAT_MS = 2000;

const leaseFile = (dir: string): string => path.join(dir, 'lease.json');

export interface Lease {
  /** Says that the owner lives; cheap to call often. */
  beat(): void;
  release(): void;
}

/** Makes this process the run's only owner. @throws SigdegError RUN_BUSY while another one lives. */
export function acquireLease(dir: string): Lease {
  const file = leaseFile(dir);
  const holder = readLease(dir);
  if (holder && isAlive(holder)) {
    throw new SigdegError('RUN_BUSY', `${path.basename(dir)} is run by process ${holder.pid} on ${holder.host}: wait for it, or stop it with «sigdeg stop ${path.basename(dir)}»`);
  }
  if (holder) fs.rmSync(file, { force: true });
  try {
    fs.writeFileSync(file, content(), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new SigdegError('RUN_BUSY', `${path.basename(dir)} was started by another process at the same moment: wait for it`);
    throw error;
  }
  let last = Date.now();
  return {
    beat() {
      if (Date.now() - last < BEAT_MS) return;
      last = Date.now();
      fs.writeFileSync(file, content());
    },
    release: () => { fs.rmSync(file, { force: true }); },
  };
}

const content = (): string => JSON.stringify({ host: os.hostname(), pid: process.pid, time: Date.now() });

/** Whether a living process owns the run. */
export function isOwned(dir: string): boolean {
  const lease = readLease(dir);
  return lease !== undefined && isAlive(lease);
}

function readLease(dir: string): LeaseContent | undefined {
  try {
    const value = JSON.parse(fs.readFileSync(leaseFile(dir), 'utf8')) as Partial<LeaseContent>;
    if (typeof value.host !== 'string' || typeof value.pid !== 'number' || typeof value.time !== 'number') return undefined;
    return { host: value.host, pid: value.pid, time: value.time };
  } catch {
    return undefined;
  }
}

function isAlive({ host, pid, time }: LeaseContent): boolean {
  if (host !== os.hostname()) return Date.now() - time < STALE_MS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
