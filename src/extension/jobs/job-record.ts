/**
 * A job's folder in the extension's storage: what was asked, the process, and the files that it writes its result, its words and its runs' ids to. Files and
 * not pipes, so that a job neither dies nor falls silent when the window that started it goes; another window finds it by them. Whose it is, its lease tells:
 * two windows may share the storage.
 */
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { atomicWrite, makeFolder } from '../../store/atomic';
import { tail } from '../../store/events';
import { acquireLease, type Lease } from '../../store/lease';
import type { JobRequest } from '../jobs';

interface Content extends JobRequest {
  /** Null while it waits in the queue. */
  readonly pid: number | null;
}

export interface JobRecord extends Content {
  readonly dir: string;
}

/** @throws for anything else */
function parseContent(text: string): Content {
  const { title, words, pid } = JSON.parse(text) as Partial<Record<keyof Content, unknown>>;
  const sound = typeof title === 'string' && Array.isArray(words) && words.every((word) => typeof word === 'string') && (pid === null || (Number.isInteger(pid) && Number(pid) > 0));
  if (!sound) throw new SyntaxError('no job');
  return { title, words, pid: pid as number | null };
}

export const stdoutFile = (dir: string): string => path.join(dir, 'stdout');
export const stderrFile = (dir: string): string => path.join(dir, 'stderr');
export const runsFile = (dir: string): string => path.join(dir, 'runs');

/** A job of this window. */
export interface OwnRecord {
  readonly record: JobRecord;
  readonly lease: Lease;
}

/** Makes the folder of a new job; names sort by time. */
export function newRecord(folder: string, { title, words }: JobRequest): OwnRecord {
  const dir = path.join(folder, `${Date.now()}-${randomUUID().slice(0, 8)}`);
  makeFolder(folder);
  fs.mkdirSync(dir);
  const record: JobRecord = { dir, title, words, pid: null };
  // First: what has no job.json no other window takes.
  const lease = acquireLease(dir);
  writeRecord(record);
  return { record, lease };
}

export function writeRecord({ dir, title, words, pid }: JobRecord): void {
  const content: Content = { title, words: [...words], pid };
  atomicWrite(path.join(dir, 'job.json'), JSON.stringify(content));
}

/** Folders of all jobs of all windows, oldest first; those that are none are passed over. */
export function listRecords(folder: string): string[] {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  return names.map((name) => path.join(folder, name)).filter((dir) => readRecord(dir) !== undefined);
}

function readRecord(dir: string): JobRecord | undefined {
  try {
    return { dir, ...parseContent(fs.readFileSync(path.join(dir, 'job.json'), 'utf8')) };
  } catch {
    return undefined;
  }
}

/** Makes a job that another window left this one's. Undefined while that window lives, when it has just ended the job, and where nothing can be written. */
export function takeRecord(dir: string): OwnRecord | undefined {
  let lease: Lease;
  try {
    lease = acquireLease(dir);
  } catch {
    return undefined;
  }
  // Only now: the other one may have started it meanwhile.
  const record = readRecord(dir);
  if (record !== undefined) return { record, lease };
  lease.release();
  return undefined;
}

/** Whether it still is this window's: one that slept for minutes may have been taken for dead. */
export function isOwn({ lease }: OwnRecord): boolean {
  try {
    lease.check();
    return true;
  } catch {
    return false;
  }
}

/** Ids of the runs that the job has begun or gone on with. */
export function readRuns(dir: string): string[] {
  const text = textOf(runsFile(dir), 1 << 20);
  return [...new Set(text.split('\n').slice(0, -1).filter((line) => line !== ''))];
}

/** The last bytes of one of its files; empty when that is not there. */
export function textOf(file: string, bytes: number): string {
  try {
    return tail(file, bytes);
  } catch {
    return '';
  }
}
