/**
 * Losses of a run as they are written, in typed arrays. A run of 100 000 logged steps is 16 MB of events: only lines that hold a loss are looked into, and the
 * file is read piece by piece, so that a process that does other things too is never held up.
 */
import * as fs from 'node:fs';
import { eventsFile, LineCutter } from './events';
import { isLoss } from './loss-names';

const PIECE = 1 << 20;
const LOSS_LINE = /"type":"scalar"[^\n]*\.loss"/;
/** More series than a job has; a file that claims more is damaged or means harm. */
const MOST_SERIES = 32;

/** A loss at its training steps, which rise. The arrays may be longer than `length`. */
export interface LossTrack {
  readonly name: string;
  readonly steps: Float64Array;
  readonly values: Float64Array;
  readonly length: number;
}

class GrowingTrack implements LossTrack {
  steps: Float64Array = new Float64Array(1024);
  values: Float64Array = new Float64Array(1024);
  length = 0;

  constructor(readonly name: string) {}

  /** A resumed run says again what it had said after its checkpoint: the later word counts. */
  push(step: number, value: number): void {
    while (this.length > 0 && this.steps[this.length - 1]! >= step) this.length--;
    if (this.length === this.steps.length) {
      this.steps = doubled(this.steps);
      this.values = doubled(this.values);
    }
    this.steps[this.length] = step;
    this.values[this.length++] = value;
  }
}

const doubled = (old: Float64Array): Float64Array => {
  const larger = new Float64Array(2 * old.length);
  larger.set(old);
  return larger;
};

/** Follows one run's losses. */
export class LossReader {
  private offset = 0;
  private inode = 0;
  private lines = new LineCutter();
  private readonly series = new Map<string, GrowingTrack>();
  private reading: Promise<void> | undefined;

  constructor(private readonly dir: string) {}

  get tracks(): readonly LossTrack[] {
    return [...this.series.values()];
  }

  /** Reads what is new. Resolves when all of it is there; a run without events, or without a folder, has no losses. */
  catchUp(): Promise<void> {
    this.reading ??= this.read().finally(() => { this.reading = undefined; });
    return this.reading;
  }

  private async read(): Promise<void> {
    let handle: fs.promises.FileHandle;
    try {
      handle = await fs.promises.open(eventsFile(this.dir), 'r');
    } catch {
      this.forget(0);
      return;
    }
    try {
      const { size, ino } = await handle.stat();
      // Another file under the same name, or a shorter one: the run was made anew.
      if (ino !== this.inode || size < this.offset) this.forget(ino);
      while (this.offset < size) {
        const piece = Buffer.alloc(Math.min(PIECE, size - this.offset));
        const { bytesRead } = await handle.read(piece, 0, piece.length, this.offset);
        if (bytesRead === 0) break;
        this.offset += bytesRead;
        for (const line of this.lines.cut(piece.subarray(0, bytesRead))) if (LOSS_LINE.test(line)) this.take(line);
      }
    } finally {
      await handle.close();
    }
  }

  private forget(inode: number): void {
    this.inode = inode;
    this.offset = 0;
    this.lines = new LineCutter();
    this.series.clear();
  }

  private take(line: string): void {
    let event: { type?: unknown; name?: unknown; step?: unknown; value?: unknown } | null;
    try {
      event = JSON.parse(line) as typeof event;
    } catch {
      return;
    }
    if (event?.type !== 'scalar' || typeof event.name !== 'string' || !isLoss(event.name)) return;
    if (!Number.isFinite(event.step) || !Number.isFinite(event.value)) return;
    let track = this.series.get(event.name);
    if (track === undefined) {
      if (this.series.size >= MOST_SERIES) return;
      track = new GrowingTrack(event.name);
      this.series.set(event.name, track);
    }
    track.push(event.step as number, event.value as number);
  }
}
