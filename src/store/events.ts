import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { diskError } from './atomic';
import { EvaluationRowSchema } from './evaluation-row';

const Body = z.discriminatedUnion('type', [
  z.object({ type: z.literal('scalar'), name: z.string(), step: z.number(), value: z.number() }),
  z.object({ type: z.literal('progress'), step: z.number(), steps: z.number(), phase: z.string().optional(), rate: z.number().optional() }),
  z.object({ type: z.literal('image'), name: z.string(), step: z.number(), path: z.string() }),
  z.object({ type: z.literal('eval'), row: EvaluationRowSchema }),
  z.object({ type: z.literal('log'), level: z.enum(['info', 'warn', 'error']), message: z.string() }),
  z.object({
    type: z.literal('state'),
    state: z.enum(['running', 'paused', 'done', 'failed', 'stopped']),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
]);
const Event = z.intersection(z.object({ seq: z.number(), time: z.number() }), Body);

/** What a job says, without its number and time. */
export type RunEventBody = z.infer<typeof Body>;
/** One line of events.jsonl: numbered from 0, time in ms since 1970. */
export type RunEvent = z.infer<typeof Event>;

const FLUSH_MS = 250;

export const eventsFile = (dir: string): string => path.join(dir, 'events.jsonl');

/** A line as an event; undefined for anything else (a torn line, or text that somebody put there). */
export function parseEvent(line: string): RunEvent | undefined {
  try {
    return Event.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Appends events to a run, numbering on from what is there. The owner of the run's lease is the only writer. */
export class EventWriter {
  private buffer = '';
  private timer: NodeJS.Timeout | undefined;

  private constructor(private readonly file: string, private readonly fd: number, private seq: number) {}

  static open(dir: string): EventWriter {
    const file = eventsFile(dir);
    const text = fs.existsSync(file) ? tail(file, 1 << 16) : '';
    const seq = text.split('\n').reduce((next, line) => Math.max(next, (parseEvent(line)?.seq ?? -1) + 1), 0);
    const fd = fs.openSync(file, 'a');
    // A crash can leave a line without its end: close it, so that the next event has a line of its own.
    if (text !== '' && !text.endsWith('\n')) fs.writeSync(fd, '\n');
    return new EventWriter(file, fd, seq);
  }

  append(body: RunEventBody): void {
    this.buffer += `${JSON.stringify({ seq: this.seq++, time: Date.now(), ...body })}\n`;
    if (body.type === 'state' || this.buffer.length > 1 << 16) this.flush();
    else this.timer ??= setTimeout(() => { this.flush(); }, FLUSH_MS).unref();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.buffer === '') return;
    const text = this.buffer;
    this.buffer = '';
    try {
      fs.writeSync(this.fd, text);
    } catch (error) {
      throw diskError(error, this.file);
    }
  }

  close(): void {
    this.flush();
    fs.closeSync(this.fd);
  }
}

/** Follows a run's events: every `read` returns the whole lines that are new since the last. */
export class EventReader {
  private offset = 0;
  private rest = Buffer.alloc(0);

  constructor(private readonly dir: string) {}

  read(): RunEvent[] {
    const file = eventsFile(this.dir);
    let fd: number;
    try {
      fd = fs.openSync(file, 'r');
    } catch {
      return [];
    }
    try {
      const size = fs.fstatSync(fd).size;
      if (size <= this.offset) return [];
      const bytes = Buffer.alloc(size - this.offset);
      const got = fs.readSync(fd, bytes, 0, bytes.length, this.offset);
      this.offset += got;
      const all = Buffer.concat([this.rest, bytes.subarray(0, got)]);
      const end = all.lastIndexOf(10) + 1;
      this.rest = Buffer.from(all.subarray(end));
      return all.subarray(0, end).toString('utf8').split('\n').flatMap((line) => parseEvent(line) ?? []);
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** All events of a run. */
export const readEvents = (dir: string): RunEvent[] => new EventReader(dir).read();

/** The last bytes of a file as text; the first line of it may be cut. */
export function tail(file: string, bytes: number): string {
  const fd = fs.openSync(file, 'r');
  try {
    const size = fs.fstatSync(fd).size;
    const length = Math.min(size, bytes);
    const buffer = Buffer.alloc(length);
    fs.readSync(fd, buffer, 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    fs.closeSync(fd);
  }
}
