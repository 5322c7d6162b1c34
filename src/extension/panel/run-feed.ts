/**
 * What the page knows of the runs, kept up to date: a snapshot first, then deltas with numbers that rise by one. While the page is hidden its messages would be lost,
 * so nothing is sent; when it shows itself again, and whenever it misses a number, it gets a snapshot.
 */
import { printable } from '../../core/printable';
import type { RunIndex } from '../../store/run-index';
import type { RunSummary } from '../../store/run';
import type { HostMessage, PanelRun } from '../../../webview/protocol';

type FeedMessage = Extract<HostMessage, { type: 'snapshot' | 'delta' }>;

const LEAST_GAP_MS = 250;
const LONGEST_NAME = 200;

export class RunFeed {
  private seq = 0;
  private visible = true;
  /** Nothing is sent before the page has asked. */
  private started = false;
  private pending = new Set<string>();
  /** Runs that the page was told of. */
  private known = new Set<string>();
  private readonly revisions = new Map<string, number>();
  /** The models that an evaluation or samples are shown with, also once these are deleted. */
  private readonly shownWith = new Map<string, readonly string[]>();
  private timer: NodeJS.Timeout | undefined;
  private lastSent = -Infinity;
  private readonly unsubscribe: () => void;

  constructor(private readonly runs: Pick<RunIndex, 'all' | 'get' | 'onChange'>, private readonly post: (message: FeedMessage) => void, private readonly gapMs = LEAST_GAP_MS) {
    this.unsubscribe = runs.onChange((ids) => { this.changed(ids); });
  }

  /** Everything anew. */
  snapshot(): void {
    this.started = true;
    if (!this.visible) return;
    this.cancelTimer();
    this.pending.clear();
    const all = this.runs.all();
    this.shownWith.clear();
    for (const run of all) this.remember(run);
    this.known = new Set(all.map((run) => run.id));
    for (const id of this.revisions.keys()) if (!this.known.has(id)) this.revisions.delete(id);
    this.lastSent = performance.now();
    this.post({ type: 'snapshot', seq: ++this.seq, runs: all.map((run) => this.panelRun(run)) });
  }

  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    if (!visible) this.cancelTimer();
    else if (this.started) this.snapshot();
  }

  dispose(): void {
    this.unsubscribe();
    this.cancelTimer();
  }

  private changed(ids: ReadonlySet<string>): void {
    for (const id of ids) {
      this.touch(id);
      const run = this.runs.get(id);
      if (run !== undefined) this.remember(run);
      // What was measured or drawn of a model belongs to what is shown of it, and so does that it is gone.
      for (const parent of this.shownWith.get(id) ?? []) this.touch(parent);
      if (run === undefined) this.shownWith.delete(id);
    }
    if (!this.started || !this.visible) return;
    this.timer ??= setTimeout(() => { this.delta(); }, Math.max(0, this.lastSent + this.gapMs - performance.now()));
  }

  private remember({ id, kind, parents }: RunSummary): void {
    if (kind === 'evaluation' || kind === 'samples') this.shownWith.set(id, parents);
  }

  private touch(id: string): void {
    this.pending.add(id);
    this.revisions.set(id, (this.revisions.get(id) ?? 0) + 1);
  }

  private delta(): void {
    this.timer = undefined;
    const changed: PanelRun[] = [];
    const removed: string[] = [];
    for (const id of this.pending) {
      const run = this.runs.get(id);
      if (run !== undefined) changed.push(this.panelRun(run));
      else if (this.known.has(id)) removed.push(id);
    }
    this.pending.clear();
    if (changed.length === 0 && removed.length === 0) return;
    for (const { id } of changed) this.known.add(id);
    for (const id of removed) this.known.delete(id);
    this.lastSent = performance.now();
    this.post({ type: 'delta', seq: ++this.seq, changed, removed });
  }

  private cancelTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private panelRun(run: RunSummary): PanelRun {
    const { id, kind, state, created, step, steps } = run;
    const text = (value: string): string => printable(value, LONGEST_NAME);
    return {
      id, kind, state, created, step, steps,
      name: text(run.name), experiment: run.experiment === null ? null : text(run.experiment), engine: text(run.engine), depth: depthOf(run),
      error: run.error ? { code: text(run.error.code), message: printable(run.error.message, 1000), lines: (run.error.lines ?? []).map((line) => printable(line.replaceAll('\t', '  '), 300)) } : null,
      revision: this.revisions.get(id) ?? 0,
    };
  }
}

/** Signature terms, from a config that nobody has checked. */
function depthOf({ kind, config }: RunSummary): number | null {
  const depth = kind === 'student' ? (config as { student?: { depth?: unknown } | null } | null)?.student?.depth : undefined;
  return typeof depth === 'number' && Number.isFinite(depth) ? depth : null;
}
