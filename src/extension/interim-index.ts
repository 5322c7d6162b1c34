/** Until the real index is there: lists the whole folder every second. */
import type { RunIndex } from '../store/run-index';
import { listRuns, type RunSummary } from '../store/run';

export function openInterimIndex(runsDir: string): RunIndex {
  let runs = new Map<string, RunSummary>();
  const listeners = new Set<(ids: ReadonlySet<string>) => void>();
  const look = (): void => {
    const found = new Map(listRuns(runsDir).map((run) => [run.id, run]));
    const changed = new Set([...new Set([...found.keys(), ...runs.keys()])].filter((id) => JSON.stringify(found.get(id)) !== JSON.stringify(runs.get(id))));
    runs = found;
    if (changed.size > 0) for (const listener of listeners) listener(changed);
  };
  look();
  const timer = setInterval(look, 1000);
  return {
    runsDir,
    all: () => [...runs.values()],
    get: (id) => runs.get(id),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refresh: look,
    close: () => { clearInterval(timer); },
  };
}
