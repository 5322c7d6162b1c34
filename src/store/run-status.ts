/** Where a run stands, out of its events and its lease: the end of the file at first, then only what is appended. */
import * as fs from 'node:fs';
import { eventsFile, parseEvent, type RunEvent } from './events';
import { isOwned } from './lease';
import { lastWordsFile, readLastWords } from './last-words';
import { isTrainingLoss } from './loss-names';

export type RunState = 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'stopped' | 'lost';

export interface RunStatus {
  readonly state: RunState;
  readonly step: number;
  readonly steps: number;
  /** `lines`: the last ones of the stderr of a process that died. */
  readonly error?: { readonly code: string; readonly message: string; readonly lines?: readonly string[] };
  /** What the job does at present: `sampling`, `train`. */
  readonly phase?: string;
  /** The newest loss. */
  readonly loss?: { readonly name: string; readonly step: number; readonly value: number };
  /** The newest picture, as a path in the run's folder, with slashes. */
  readonly image?: { readonly step: number; readonly path: string };
  /** ms since 1970 of the newest event; 0 without any. */
  readonly updated: number;
}

/** State and progress nearly always lie within the last bytes. */
const TAIL = 1 << 12;
const CHUNK = 1 << 20;
/** A line longer than that is no event. */
const LONGEST_LINE = 1 << 20;
const NEWLINE = 10;
/** Of a run whose process died with the one that waited for it. */
const SILENT = { code: 'RUN_LOST', message: 'the process that worked on it is gone: resume it, and it goes on from its last checkpoint' } as const;
const START: RunStatus = { state: 'queued', step: 0, steps: 0, updated: 0 };

/** Follows a run's status. A first reading looks at the end of the events alone, the next ones at what is new. */
export class RunStatusReader {
  /** Bytes of events that were read so far. */
  bytesRead = 0;
  /** As the events say; whether the owner lives is another question. */
  private said: RunStatus = START;
  private offset = 0;
  private begun = false;
  /** The beginning of a line whose end is not written yet. */
  private rest: Buffer = Buffer.alloc(0);
  private overlong = false;
  private died: { readonly written: number; readonly error: NonNullable<RunStatus['error']> } | undefined;

  constructor(private readonly dir: string) {}

  /** Where the next reading begins. */
  get end(): number {
    return this.offset;
  }

  /** Reads what is new. */
  read(): RunStatus {
    let fd: number;
    try {
      fd = fs.openSync(eventsFile(this.dir), 'r');
    } catch {
      if (this.begun) this.restart();
      return this.said;
    }
    try {
      const { size } = fs.fstatSync(fd);
      // Somebody put an older file back.
      if (size < this.offset) this.restart();
      if (!this.begun) this.readTail(fd, size);
      this.begun = true;
      this.readOn(fd, size);
    } finally {
      fs.closeSync(fd);
    }
    const { state } = this.said;
    return (state === 'running' || state === 'paused') && !isOwned(this.dir) ? { ...this.said, state: 'lost', error: this.lastWords() } : this.said;
  }

  /** Read once: the same object as long as nothing else is known. */
  private lastWords(): NonNullable<RunStatus['error']> {
    const written = fs.statSync(lastWordsFile(this.dir), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (this.died?.written !== written) this.died = { written, error: readLastWords(this.dir) ?? SILENT };
    return this.died.error;
  }

  private restart(): void {
    [this.said, this.offset, this.begun, this.rest, this.overlong] = [START, 0, false, Buffer.alloc(0), false];
  }

  /** Goes back from the end, in longer and longer pieces, until the newest state and progress are known. */
  private readTail(fd: number, size: number): void {
    for (let length = Math.min(TAIL, size); ; length = Math.min(length * 16, size)) {
      const bytes = this.bytes(fd, size - length, length);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      const lines = bytes.toString('utf8', 0, end).split('\n');
      // The first line is cut, unless it is the file's first.
      if (length < size) lines.shift();
      const seen = newest(lines);
      if (length < size && !(seen.hasState && seen.hasProgress)) continue;
      this.said = seen.status;
      this.rest = Buffer.from(bytes.subarray(end));
      this.offset = size - length + bytes.length;
      return;
    }
  }

  private readOn(fd: number, size: number): void {
    while (this.offset < size) {
      const bytes = this.bytes(fd, this.offset, Math.min(CHUNK, size - this.offset));
      if (bytes.length === 0) return;
      this.offset += bytes.length;
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      if (end === 0) {
        this.keep(Buffer.concat([this.rest, bytes]));
        continue;
      }
      const lines = Buffer.concat([this.rest, bytes.subarray(0, end)]).toString('utf8').split('\n');
      if (this.overlong) lines.shift();
      this.overlong = false;
      this.keep(Buffer.from(bytes.subarray(end)));
      for (const line of lines) {
        const event = parseEvent(line);
        if (event !== undefined) this.said = after(this.said, event);
      }
    }
  }

  private keep(rest: Buffer): void {
    this.overlong ||= rest.length > LONGEST_LINE;
    this.rest = this.overlong ? Buffer.alloc(0) : rest;
  }

  private bytes(fd: number, from: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const got = fs.readSync(fd, bytes, 0, length, from);
    this.bytesRead += got;
    return bytes.subarray(0, got);
  }
}

/** The status with one more event. */
function after(status: RunStatus, event: RunEvent): RunStatus {
  const updated = event.time;
  switch (event.type) {
    case 'state': {
      const { error: _, ...rest } = status;
      return { ...rest, updated, state: event.state, ...(event.error === undefined ? {} : { error: event.error }) };
    }
    case 'progress':
      return { ...status, updated, step: event.step, steps: event.steps, ...(event.phase === undefined ? {} : { phase: event.phase }) };
    case 'scalar':
      return isTrainingLoss(event.name) ? { ...status, updated, loss: { name: event.name, step: event.step, value: event.value } } : { ...status, updated };
    case 'image':
      return { ...status, updated, image: { step: event.step, path: event.path } };
    default:
      return { ...status, updated };
  }
}

/** What the last lines of a file say. Backwards, so that only the few lines that matter are parsed. */
function newest(lines: readonly string[]): { status: RunStatus; hasState: boolean; hasProgress: boolean } {
  const found = new Map<string, RunEvent>();
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines[i]!;
    const known = found.has('state') && found.has('progress');
    if (known && found.has('scalar') && found.has('image')) break;
    // The rest is welcome but not searched for at any price.
    if (known && !(line.includes('"image"') || (line.includes('loss"') && !found.has('scalar')))) continue;
    const event = parseEvent(line);
    if (event === undefined) continue;
    if (!found.has('newest')) found.set('newest', event);
    if (!found.has(event.type) && !(event.type === 'scalar' && !isTrainingLoss(event.name))) found.set(event.type, event);
  }
  const order = ['scalar', 'image', 'progress', 'state', 'newest'].flatMap((type) => found.get(type) ?? []);
  return { status: order.reduce(after, START), hasState: found.has('state'), hasProgress: found.has('progress') };
}
