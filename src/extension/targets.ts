/**
 * What a command is asked to work on. The tree's items, the panel and CodeLens call commands with a run's id, `{ runId }`, `{ runIds }` (an experiment also has
 * `ownRunIds`) or a file's Uri as first argument, and the tree with all selected items as second.
 */
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { RunSummary } from '../store/run';
import type { Services } from './services';

type Runs = Pick<Services, 'runs'>;

/** Of an experiment all that is shown, or only what is its own: not the models of another one that stand in it, too, nor what a filter shows for the sake of others. */
export type Scope = 'shown' | 'own';

/** The runs that the arguments of a command name, each once; empty when it was called from the palette. @throws SigdegError NOT_FOUND when runs are named and none is there any more */
export function targetRuns(services: Runs, args: readonly unknown[], scope: Scope = 'shown'): RunSummary[] {
  const targets = targetsOf(args);
  const named = targets.flatMap((target) => idsOf(target, scope));
  const there = runsOf(services, targets, scope);
  if (named.length > 0 && there.length === 0) throw new SigdegError('NOT_FOUND', `${named.slice(0, 3).join(', ')}${named.length > 3 ? '…' : ''}: not among the runs of ${services.runs.runsDir} (any more): choose one that is there`);
  return there;
}

/** The runs of these that are there, each once. */
export const runsOf = ({ runs }: Runs, targets: readonly unknown[], scope: Scope = 'shown'): RunSummary[] =>
  [...new Set(targets.flatMap((target) => idsOf(target, scope)))].flatMap((id) => runs.get(id) ?? []);

/** What is shown of the experiments among these, and is neither theirs nor named by itself. */
export function onlyShown(services: Runs, targets: readonly unknown[]): RunSummary[] {
  const own = new Set(runsOf(services, targets, 'own'));
  return runsOf(services, targets).filter((run) => !own.has(run));
}

/** The folder of what the tree shows as a damaged run; undefined for anything else. */
export function damagedFolder({ runs }: Runs, target: unknown): string | undefined {
  const [id] = isDamaged(target) ? idsOf(target, 'shown') : [];
  return id !== undefined && runs.unreadable().some((run) => run.id === id) ? path.join(runs.runsDir, id) : undefined;
}

/** All that a command is called with: the selected items where there are some, else the first argument. */
export function targetsOf([first, selected]: readonly unknown[]): readonly unknown[] {
  if (Array.isArray(selected) && selected.length > 0) return selected as unknown[];
  return Array.isArray(first) ? (first as unknown[]) : [first];
}

function idsOf(target: unknown, scope: Scope): readonly string[] {
  if (typeof target === 'string') return [target];
  if (typeof target !== 'object' || target === null) return [];
  if (isDamaged(target)) return [target.id];
  if ('runId' in target && typeof target.runId === 'string') return [target.runId];
  const many = scope === 'own' && 'ownRunIds' in target ? target.ownRunIds : 'runIds' in target ? target.runIds : [];
  return Array.isArray(many) ? many.filter((id) => typeof id === 'string') : [];
}

const isDamaged = (target: unknown): target is { readonly id: string } =>
  typeof target === 'object' && target !== null && 'kind' in target && target.kind === 'broken' && 'id' in target && typeof target.id === 'string';
