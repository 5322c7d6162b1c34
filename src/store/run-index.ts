/** All runs of a folder in memory, following what processes write: manifests are read once, of events only the end and then what is new. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { EvaluationRow } from './evaluation-row';
import { FolderWatch } from './folder-watch';
import { IndexedRun } from './indexed-run';
import { newestFirst, type RunSummary } from './run';

/** A folder that is a run but cannot be read as one: damaged, or written by a newer version. */
export interface UnreadableRun {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

export interface RunIndex {
  readonly runsDir: string;
  /** Resolves when every run that was there at the opening is in `all`, which a folder of thousands is not at once. */
  readonly ready: Promise<void>;
  /** Newest first. */
  all(): readonly RunSummary[];
  get(id: string): RunSummary | undefined;
  /** What an evaluation has measured so far; read at the first call, then followed. */
  rows(id: string): readonly EvaluationRow[];
  unreadable(): readonly UnreadableRun[];
  /** Called, at most a few times a second, with the ids of runs that came, changed or went. @returns what ends it */
  onChange(listener: (ids: ReadonlySet<string>) => void): () => void;
  /** Looks now, without waiting for the next change. */
  refresh(): void;
  close(): void;
}

export interface RunIndexOptions {
  /** How often runs that are alive, and the newest of the others, are looked at. */
  readonly pollMs?: number;
  /** How often all are, for what nobody tells: a run resumed elsewhere, a network folder. */
  readonly sweepMs?: number;
}

/** How long reading goes on before the caller or other work of the process has its turn. */
const FIRST_SLICE_MS = 40;
const SLICE_MS = 15;
const NOTIFY_MS = 250;
/** Of the runs that have ended, those that are most likely to be resumed. */
const RECENT = 32;
const MOST_WATCHES = 64;
const STATS_AT_A_TIME = 64;

export function openRunIndex(runsDir: string, options: RunIndexOptions = {}): RunIndex & { readonly bytesRead: number } {
  return new DiskRunIndex(path.resolve(runsDir), options);
}

class DiskRunIndex implements RunIndex {
  readonly ready: Promise<void>;
  private readonly runs = new Map<string, IndexedRun>();
  private readonly bad = new Map<string, UnreadableRun>();
  /** Folders without run.json: being made, or no runs at all. */
  private readonly waiting = new Set<string>();
  private readonly watches = new Map<string, FolderWatch>();
  private readonly listeners = new Set<(ids: ReadonlySet<string>) => void>();
  private readonly folder: FolderWatch;
  private readonly timers: NodeJS.Timeout[];
  /** Names that are still to be read, oldest first. */
  private unread: string[];
  private sorted: readonly RunSummary[] | undefined;
  private touched = new Set<string>();
  private touchedAll = false;
  private touchTimer: NodeJS.Timeout | undefined;
  private changed = new Set<string>();
  private notifyTimer: NodeJS.Timeout | undefined;
  private lastNotified = 0;
  private sweeping = false;
  private closed = false;

  constructor(readonly runsDir: string, { pollMs = 1000, sweepMs = 5000 }: RunIndexOptions) {
    this.folder = new FolderWatch(runsDir, (name) => { this.touch(name); });
    this.unread = [...(this.names() ?? [])].sort();
    this.ready = new Promise((resolve) => { this.readSlice(FIRST_SLICE_MS, resolve); });
    this.timers = [setInterval(() => { this.poll(); }, pollMs).unref(), setInterval(() => void this.sweep(), sweepMs).unref()];
  }

  /** Bytes of events that were read for the runs' states. */
  get bytesRead(): number {
    return [...this.runs.values()].reduce((sum, run) => sum + run.bytesRead, 0);
  }

  all(): readonly RunSummary[] {
    return (this.sorted ??= [...this.runs.values()].map((run) => run.summary).sort(newestFirst));
  }

  get(id: string): RunSummary | undefined {
    if (!this.runs.has(id) && this.unread.includes(id)) this.read(id);
    return this.runs.get(id)?.summary;
  }

  rows(id: string): readonly EvaluationRow[] {
    return this.runs.get(id)?.rows() ?? [];
  }

  unreadable(): readonly UnreadableRun[] {
    return [...this.bad.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  onChange(listener: (ids: ReadonlySet<string>) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  refresh(): void {
    this.compareNames(this.names());
    this.poll();
    void this.sweep();
  }

  close(): void {
    this.closed = true;
    this.timers.forEach(clearInterval);
    clearTimeout(this.touchTimer);
    clearTimeout(this.notifyTimer);
    this.folder.close();
    for (const watch of this.watches.values()) watch.close();
    this.watches.clear();
    this.listeners.clear();
  }

  /** Reads the newest of what is unread for a while, then lets others work. */
  private readSlice(ms: number, onEnd: () => void): void {
    const end = performance.now() + ms;
    while (this.unread.length > 0 && performance.now() < end) this.read(this.unread.pop()!);
    if (this.closed || this.unread.length === 0) onEnd();
    else setImmediate(() => { this.readSlice(SLICE_MS, onEnd); });
  }

  /** Reads a folder that is not known as a run yet. */
  private read(name: string): void {
    if (this.runs.has(name)) return;
    const wasBad = this.bad.get(name);
    try {
      const run = new IndexedRun(path.join(this.runsDir, name));
      this.runs.set(name, run);
      this.bad.delete(name);
      this.waiting.delete(name);
      this.follow(name, run);
      this.change(name);
    } catch (error) {
      if (error instanceof SigdegError && error.code !== 'NOT_FOUND') {
        this.waiting.delete(name);
        this.bad.set(name, { id: name, code: error.code, message: error.message });
        if (wasBad?.message !== error.message) this.change(name);
      } else {
        this.bad.delete(name);
        this.waiting.add(name);
        if (wasBad !== undefined) this.change(name);
      }
    }
  }

  /** Looks whether a known run has changed or gone. */
  private look(name: string, run: IndexedRun): void {
    const what = run.look();
    if (what === 'same') return;
    if (what === 'gone') this.forget(name);
    else this.follow(name, run);
    this.change(name);
  }

  private forget(name: string): void {
    const known = [this.runs.delete(name), this.bad.delete(name)].includes(true);
    this.waiting.delete(name);
    this.watches.get(name)?.close();
    this.watches.delete(name);
    if (known) this.change(name);
  }

  /** Watches the folder of a run that is alive. */
  private follow(name: string, run: IndexedRun): void {
    const watch = this.watches.get(name);
    if (run.alive && watch === undefined && this.watches.size < MOST_WATCHES) {
      this.watches.set(name, new FolderWatch(path.join(this.runsDir, name), () => { this.touch(name); }));
    } else if (!run.alive && watch !== undefined) {
      watch.close();
      this.watches.delete(name);
    }
  }

  /** Something happened to an entry: looks at it soon, once for all that happens until then. */
  private touch(name: string | undefined): void {
    if (this.closed) return;
    if (name === undefined) this.touchedAll = true;
    else this.touched.add(name);
    this.touchTimer ??= setTimeout(() => {
      this.touchTimer = undefined;
      const names = this.touched;
      this.touched = new Set();
      this.folder.check();
      if (this.touchedAll) this.compareNames(this.names());
      this.touchedAll = false;
      for (const each of names) {
        const run = this.runs.get(each);
        if (run === undefined) this.readIfThere(each);
        else this.look(each, run);
      }
    }, 50).unref();
  }

  private readIfThere(name: string): void {
    if (name.startsWith('.') || this.unread.includes(name)) return;
    if (fs.existsSync(path.join(this.runsDir, name))) this.read(name);
    else this.forget(name);
  }

  /** What is alive, what ended lately and what is being made. */
  private poll(): void {
    if (this.closed) return;
    this.folder.check();
    for (const name of [...this.waiting].slice(-RECENT)) this.readIfThere(name);
    for (const { id } of this.all().slice(0, RECENT)) this.lookAt(id);
    for (const [name, run] of [...this.runs]) if (run.alive) this.look(name, run);
  }

  private lookAt(id: string): void {
    const run = this.runs.get(id);
    if (run !== undefined && !run.alive && run.isTouched()) this.look(id, run);
  }

  /** Everything, without holding up the process: nothing tells of changes in a network folder, or in old runs. */
  private async sweep(): Promise<void> {
    if (this.sweeping || this.closed) return;
    this.sweeping = true;
    try {
      this.compareNames(await this.namesLater());
      for (const name of [...this.waiting, ...this.bad.keys()]) this.readIfThere(name);
      const resting = [...this.runs].filter(([, run]) => !run.alive);
      for (let i = 0; i < resting.length && !this.isClosed(); i += STATS_AT_A_TIME) {
        await Promise.all(resting.slice(i, i + STATS_AT_A_TIME).map(async ([name, run]) => {
          if ((await run.isTouchedLater()) && this.runs.get(name) === run && !this.isClosed()) this.look(name, run);
        }));
      }
    } finally {
      this.sweeping = false;
    }
  }

  /** What the compiler would take for constant over an `await`. */
  private isClosed(): boolean {
    return this.closed;
  }

  /** The entries of the folder; undefined while it cannot be read, which says nothing about what is in it. */
  private names(): Set<string> | undefined {
    try {
      return visible(fs.readdirSync(this.runsDir));
    } catch (error) {
      return isMissing(error) ? new Set() : undefined;
    }
  }

  private async namesLater(): Promise<Set<string> | undefined> {
    try {
      return visible(await fs.promises.readdir(this.runsDir));
    } catch (error) {
      return isMissing(error) ? new Set() : undefined;
    }
  }

  private compareNames(names: ReadonlySet<string> | undefined): void {
    if (names === undefined || this.closed) return;
    for (const name of [...this.runs.keys(), ...this.bad.keys(), ...this.waiting]) if (!names.has(name)) this.forget(name);
    const unread = new Set(this.unread);
    for (const name of names) if (!this.runs.has(name) && !this.bad.has(name) && !this.waiting.has(name) && !unread.has(name)) this.read(name);
  }

  private change(id: string): void {
    this.sorted = undefined;
    this.changed.add(id);
    this.notifyTimer ??= setTimeout(() => {
      this.notifyTimer = undefined;
      this.lastNotified = performance.now();
      const ids = this.changed;
      this.changed = new Set();
      for (const listener of [...this.listeners]) listener(ids);
    }, Math.max(10, this.lastNotified + NOTIFY_MS - performance.now())).unref();
  }
}

const visible = (names: readonly string[]): Set<string> => new Set(names.filter((name) => !name.startsWith('.')));

const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
