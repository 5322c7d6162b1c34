/** All runs of a folder in memory, following what processes write: manifests are read once, of events only what is new. */
import type { RunSummary } from './run';

export interface RunIndex {
  readonly runsDir: string;
  /** Newest first. */
  all(): readonly RunSummary[];
  get(id: string): RunSummary | undefined;
  /** Called, at most a few times a second, with the ids of runs that came, changed or went. @returns what ends it */
  onChange(listener: (ids: ReadonlySet<string>) => void): () => void;
  /** Looks now, without waiting for the next change. */
  refresh(): void;
  close(): void;
}
