/** One run of an index: its manifest, read once, its status and its measured rows, followed. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { EvaluationRow } from './evaluation-row';
import { EventReader, eventsFile } from './events';
import { readManifest, runOf, type RunManifest, type RunSummary } from './run';
import { RunStatusReader, type RunStatus } from './run-status';

export class IndexedRun {
  summary: RunSummary;
  private manifest: RunManifest;
  private status: RunStatus;
  private reader: RunStatusReader;
  private loaded: number;
  private measured: { readonly reader: EventReader; readonly rows: EvaluationRow[] } | undefined;

  /** @throws SigdegError NOT_FOUND, NEWER_VERSION, BAD_FILE */
  constructor(private readonly dir: string) {
    this.loaded = Date.now();
    this.manifest = readManifest(dir);
    this.reader = new RunStatusReader(dir);
    this.status = this.reader.read();
    this.summary = runOf(dir, this.manifest, this.status);
  }

  get bytesRead(): number {
    return this.reader.bytesRead;
  }

  /** Whether its state may change without anybody resuming it. */
  get alive(): boolean {
    return ['queued', 'running', 'paused'].includes(this.status.state);
  }

  /** Reads what is new. */
  look(): 'same' | 'changed' | 'gone' {
    // A manifest never changes; a younger one belongs to another run of the same name.
    const written = fs.statSync(path.join(this.dir, 'run.json'), { throwIfNoEntry: false })?.ctimeMs;
    if (written === undefined) return 'gone';
    if (written > this.loaded) return this.reload();
    const status = this.reader.read();
    if (isSame(status, this.status)) return 'same';
    this.status = status;
    this.summary = runOf(this.dir, this.manifest, status);
    return 'changed';
  }

  /** Whether a look is worth while: cheaper than one. */
  isTouched(): boolean {
    return this.isNews(fs.statSync(eventsFile(this.dir), { throwIfNoEntry: false })?.size);
  }

  async isTouchedLater(): Promise<boolean> {
    return this.isNews(await fs.promises.stat(eventsFile(this.dir)).then(({ size }) => size, () => undefined));
  }

  rows(): readonly EvaluationRow[] {
    this.measured ??= { reader: new EventReader(this.dir), rows: [] };
    for (const event of this.measured.reader.read()) if (event.type === 'eval') this.measured.rows.push(event.row);
    return this.measured.rows;
  }

  /** An owner that was taken for dead may beat again without a word in the events. */
  private isNews(size: number | undefined): boolean {
    return size !== this.reader.end || this.status.state === 'lost';
  }

  private reload(): 'changed' | 'gone' {
    try {
      Object.assign(this, new IndexedRun(this.dir));
      this.measured = undefined;
      return 'changed';
    } catch {
      return 'gone';
    }
  }
}

const isSame = (a: RunStatus, b: RunStatus): boolean => a === b || (a.state === b.state && a.updated === b.updated && a.step === b.step && a.error === b.error && a.image === b.image && a.loss === b.loss);
