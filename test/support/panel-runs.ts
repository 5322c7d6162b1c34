/** Runs in a scratch folder and an index of them, for the panel's tests: the files are real, the index is a list. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { EvaluationRow } from '../../src/store/evaluation-row';
import type { RunIndex } from '../../src/store/run-index';
import type { RunKind, RunSummary } from '../../src/store/run';

export class PanelRuns {
  readonly dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-panel-'));
  readonly measured = new Map<string, EvaluationRow[]>();
  private runs: RunSummary[] = [];
  private readonly listeners = new Set<(ids: ReadonlySet<string>) => void>();

  readonly index: RunIndex = {
    runsDir: this.dir,
    ready: Promise.resolve(),
    all: () => this.runs,
    get: (id) => this.runs.find((run) => run.id === id),
    rows: (id) => this.measured.get(id) ?? [],
    unreadable: () => [],
    onChange: (listener) => {
      this.listeners.add(listener);
      return () => void this.listeners.delete(listener);
    },
    refresh: () => undefined,
    close: () => undefined,
  };

  /** The newest run. */
  add(kind: RunKind, id: string, parents: readonly string[] = [], more: Partial<RunSummary> = {}): RunSummary {
    const dir = path.join(this.dir, id);
    fs.mkdirSync(dir, { recursive: true });
    const run = {
      format: 1, id, kind, name: id, experiment: 'x', experimentFile: null, created: `2026-01-01T00:00:${String(this.runs.length).padStart(2, '0')}Z`, config: {}, configHash: '', seed: 0, parents: [...parents],
      versions: {}, engine: 'wasm', dir, state: 'done', step: 1, steps: 1, ...more,
    } as RunSummary;
    this.runs = [run, ...this.runs.filter((other) => other.id !== id)];
    return run;
  }

  drop(id: string): void {
    this.runs = this.runs.filter((run) => run.id !== id);
    fs.rmSync(path.join(this.dir, id), { recursive: true, force: true });
  }

  tell(...ids: string[]): void {
    for (const listener of this.listeners) listener(new Set(ids));
  }

  remove(): void {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}
