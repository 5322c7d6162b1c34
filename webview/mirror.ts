/** The runs as the host has them: a snapshot, and the deltas since. */
import type { HostMessage, PanelRun } from './protocol';

export interface Mirror {
  /** Of the last message that counted; −1 before the first snapshot. */
  readonly seq: number;
  /** Newest first. */
  readonly runs: readonly PanelRun[];
}

export const NOTHING: Mirror = { seq: -1, runs: [] };

type RunsMessage = Extract<HostMessage, { type: 'snapshot' | 'delta' }>;

/** The mirror after a message; 'gap' when one is missing, so that a new snapshot is needed; 'old' for one that is behind a snapshot that already came. */
export function mirrored(mirror: Mirror, message: RunsMessage): Mirror | 'gap' | 'old' {
  if (message.type === 'snapshot') return { seq: message.seq, runs: newestFirst(message.runs) };
  if (message.seq <= mirror.seq) return 'old';
  if (mirror.seq < 0 || message.seq !== mirror.seq + 1) return 'gap';
  const runs = new Map(mirror.runs.map((run) => [run.id, run]));
  for (const id of message.removed) runs.delete(id);
  for (const run of message.changed) runs.set(run.id, run);
  return { seq: message.seq, runs: newestFirst([...runs.values()]) };
}

function newestFirst(runs: readonly PanelRun[]): PanelRun[] {
  return [...runs].sort((a, b) => (a.created === b.created ? Number(a.id < b.id) - Number(a.id > b.id) : a.created < b.created ? 1 : -1));
}

/** What is shown before anybody chose: what belongs to the newest experiment, or the newest run alone. */
export function newestExperiment(runs: readonly PanelRun[]): string[] {
  const newest = runs[0];
  if (newest === undefined) return [];
  return runs.filter((run) => run.id === newest.id || (newest.experiment !== null && run.experiment === newest.experiment)).slice(0, 12).map((run) => run.id);
}
