import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { diskError } from './disk-error';
import { EvaluationRowSchema, type EvaluationRow } from './evaluation-row';
import { InsidePath } from './inside';

/** In every event, not in an intersection of two schemas: that would take several times as long to check. */
const stamp = { seq: z.number(), time: z.number() };

const Event = z.discriminatedUnion('type', [
  z.object({ ...stamp, type: z.literal('scalar'), name: z.string(), step: z.number(), value: z.number() }),
  z.object({ ...stamp, type: z.literal('progress'), step: z.number(), steps: z.number(), phase: z.string().optional(), rate: z.number().optional() }),
  z.object({ ...stamp, type: z.literal('image'), name: z.string(), step: z.number(), path: InsidePath }),
  z.object({ ...stamp, type: z.literal('eval'), row: EvaluationRowSchema }),
  z.object({ ...stamp, type: z.literal('log'), level: z.enum(['info', 'warn', 'error']), message: z.string() }),
  z.object({
    ...stamp,
    type: z.literal('state'),
    state: z.enum(['running', 'paused', 'done', 'failed', 'stopped']),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
]);

/** One line of events.jsonl: numbered from 0, time in ms since 1970. */
export type RunEvent = z.infer<typeof Event>;
type Unstamped<E> = E extends unknown ? Omit<E, keyof typeof stamp> : never;
/** What a job says, without its number and time. */
export type RunEventBody = Unstamped<RunEvent>;

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
  /** What is not on disk yet; after a failed write it is tried again from the byte where that ended. */
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private failure: unknown;

  private constructor(private readonly file: string, private readonly fd: number, private seq: number) {}

  /** @throws SigdegError NO_SPACE, NO_ACCESS */
  static open(dir: string): EventWriter {
    const file = eventsFile(dir);
    try {
      const text = fs.existsSync(file) ? tail(file, 1 << 16) : '';
      const seq = text.split('\n').reduce((next, line) => Math.max(next, (parseEvent(line)?.seq ?? -1) + 1), 0);
      const writer = new EventWriter(file, fs.openSync(file, 'a'), seq);
      // A crash can leave a line without its end: close it, so that the next event has a line of its own.
      if (text !== '' && !text.endsWith('\n')) writer.put('\n');
      return writer;
    } catch (error) {
      throw diskError(error, file);
    }
  }

  /** @throws SigdegError NO_SPACE, NO_ACCESS, also for events of earlier calls */
  append(body: RunEventBody): void {
    this.put(`${JSON.stringify({ seq: this.seq++, time: Date.now(), ...finite(body) })}\n`);
    if (this.failure !== undefined || body.type === 'state' || this.pendingBytes > 1 << 16) this.flush();
    else this.timer ??= setTimeout(() => { this.flushLater(); }, FLUSH_MS).unref();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.failure = undefined;
    try {
      let rest = Buffer.concat(this.pending);
      while (rest.length > 0) {
        rest = rest.subarray(fs.writeSync(this.fd, rest));
        this.keep(rest);
      }
    } catch (error) {
      throw diskError(error, this.file);
    }
  }

  private put(text: string): void {
    const bytes = Buffer.from(text);
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
  }

  private keep(rest: Buffer): void {
    this.pending = rest.length === 0 ? [] : [rest];
    this.pendingBytes = rest.length;
  }

  /** From a timer nobody could catch the error: the next event meets it again. */
  private flushLater(): void {
    try {
      this.flush();
    } catch (error) {
      this.failure = error;
    }
  }

  close(): void {
    try {
      this.flush();
    } finally {
      fs.closeSync(this.fd);
    }
  }
}

/** JSON has no NaN: a number that is none is told as a warning, where it would otherwise vanish. */
function finite(body: RunEventBody): RunEventBody {
  const [name, step, value] = body.type === 'scalar' ? [body.name, body.step, body.value] : body.type === 'eval' ? [`${body.row.metric} of ${body.row.sampler}`, body.row.steps, body.row.value] : ['', 0, 0];
  return Number.isFinite(value) ? body : { type: 'log', level: 'warn', message: `${name} at step ${step} is ${value}: the samples or weights behind it are not finite` };
}

/** Cuts the bytes of a file that grows into lines; one whose end has not come yet waits for it. */
export class LineCutter {
  private rest = Buffer.alloc(0);

  /** The lines that end in these bytes, which follow those of the last call. */
  cut(bytes: Uint8Array): string[] {
    const all = Buffer.concat([this.rest, bytes]);
    const end = all.lastIndexOf(10) + 1;
    this.rest = Buffer.from(all.subarray(end));
    return all.toString('utf8', 0, end).split('\n').slice(0, -1);
  }
}

/** Follows a run's events: every `read` returns the whole lines that are new since the last. */
export class EventReader {
  private offset = 0;
  private readonly lines = new LineCutter();

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
      return this.lines.cut(bytes.subarray(0, got)).flatMap((line) => parseEvent(line) ?? []);
    } finally {
      fs.closeSync(fd);
    }
  }
}

/** All measured rows of a run. */
export const rowsOf = (dir: string): EvaluationRow[] => readEvents(dir).flatMap((event) => (event.type === 'eval' ? [event.row] : []));

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
