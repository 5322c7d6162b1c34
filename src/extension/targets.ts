/**
 * What a command is asked to work on. The tree's items, the panel and CodeLens call commands with a run's id, `{ runId }`, `{ runIds }` (an experiment) or a
 * file's Uri as first argument, and the tree with all selected items as second.
 */
import type { RunSummary } from '../store/run';
import type { Services } from './services';

/** The runs that the arguments of a command name and that are there, each once; empty when it was called from the palette. */
export function targetRuns({ runs }: Pick<Services, 'runs'>, args: readonly unknown[]): RunSummary[] {
  const [first, selected] = args;
  const many = Array.isArray(selected) && selected.length > 0 ? (selected as unknown[]) : Array.isArray(first) ? (first as unknown[]) : [first];
  return [...new Set(many.flatMap(idsOf))].flatMap((id) => runs.get(id) ?? []);
}

function idsOf(target: unknown): readonly string[] {
  if (typeof target === 'string') return [target];
  if (typeof target !== 'object' || target === null) return [];
  if ('runId' in target && typeof target.runId === 'string') return [target.runId];
  return 'runIds' in target && Array.isArray(target.runIds) ? target.runIds.filter((id) => typeof id === 'string') : [];
}
