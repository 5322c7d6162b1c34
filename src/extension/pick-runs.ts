/** Which runs a command is for: those that it was called with, else those that are selected in the tree, else what the user picks out of a list. */
import * as vscode from 'vscode';
import { SigdegError } from '../core/errors';
import type { RunSummary } from '../store/run';
import { orCancelled } from './failure';
import type { Services } from './services';
import { runsOf, targetRuns, type Scope } from './targets';

export interface RunsWanted {
  readonly fits: (run: RunSummary) => boolean;
  /** What fits, for messages: `a finished teacher or student`. */
  readonly what: string;
  readonly title: string;
  readonly many: boolean;
  /** At least so many; 1 where it is not given. */
  readonly least?: number;
  /** What an experiment stands for; all that is shown of it where it is not given. */
  readonly scope?: Scope;
}

/** @throws SigdegError BAD_USAGE when none fits, NOT_FOUND when what was named is not there; Cancelled. */
export async function pickRuns(services: Services, args: readonly unknown[], { fits, what, title, many, least = 1, scope = 'shown' }: RunsWanted): Promise<RunSummary[]> {
  await services.runs.ready;
  const named = targetRuns(services, args, scope);
  const fitting = named.filter(fits);
  if (fitting.length > 0 && (many || fitting.length === 1)) return fitting;
  // From the palette: a selection that has nothing for this command is no answer, so the list is.
  const selected = named.length > 0 ? [] : runsOf(services, services.selection(), scope).filter(fits);
  if (selected.length >= least && (many || selected.length === 1)) return selected;
  if (named.length > 0 && fitting.length === 0) throw new SigdegError('BAD_USAGE', `expected ${what}, found ${named.map(({ kind, name, state }) => `${kind} ${name}, which is ${state}`).join('; ')}`);
  const choices = fitting.length > 0 ? fitting : selected.length > 0 && !many ? selected : services.runs.all().filter(fits);
  if (choices.length === 0) throw new SigdegError('BAD_USAGE', `expected ${what}, found none in ${services.runs.runsDir}`);
  // One needs no question; a command that destroys asks by itself.
  if (choices.length === 1) return choices;
  const items = choices.map((run) => ({ label: `${run.kind} ${run.name}`, description: `${run.state}, ${new Date(run.created).toLocaleString()}`, detail: run.id, picked: selected.includes(run), run }));
  const options = { title, placeHolder: `Choose ${what}`, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true } as const;
  if (!many) return [orCancelled(await vscode.window.showQuickPick(items, options)).run];
  const picked = orCancelled(await vscode.window.showQuickPick(items, { ...options, canPickMany: true }));
  return orCancelled(picked.length > 0 ? picked.map(({ run }) => run) : undefined);
}
