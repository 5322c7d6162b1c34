/**
 * What a command is asked to work on. The tree's items, the panel and CodeLens call commands with one of these as first argument, and the tree with all
 * selected items as second.
 */
import type * as vscode from 'vscode';
import type { RunSummary } from '../store/run';
import type { Services } from './services';

/** A run, as a tree item or a button gives it. */
export interface RunTarget {
  readonly runId: string;
}

/** An experiment: all its runs. */
export interface ExperimentTarget {
  readonly runIds: readonly string[];
}

export type Target = string | RunTarget | ExperimentTarget | vscode.Uri | undefined;

/** The runs that the arguments of a command name and that are there, each once; empty when it was called from the palette. */
export function targetRuns({ runs }: Services, args: readonly unknown[]): RunSummary[] {
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
