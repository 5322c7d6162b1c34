/** Which runs a command is for: those that it was called with, else what the user picks out of a list. */
import * as vscode from 'vscode';
import { SigdegError } from '../core/errors';
import type { RunSummary } from '../store/run';
import { orCancelled } from './failure';
import type { Services } from './services';
import { targetRuns } from './targets';

export interface RunsWanted {
  readonly fits: (run: RunSummary) => boolean;
  /** What fits, for messages: `a finished teacher or student`. */
  readonly what: string;
  readonly title: string;
  readonly many: boolean;
}

/** @throws SigdegError BAD_USAGE when none fits; Cancelled. */
export async function pickRuns(services: Services, args: readonly unknown[], { fits, what, title, many }: RunsWanted): Promise<RunSummary[]> {
  await services.runs.ready;
  const named = targetRuns(services, args);
  const fitting = named.filter(fits);
  if (fitting.length > 0 && (many || fitting.length === 1)) return fitting;
  if (named.length > 0 && fitting.length === 0) throw new SigdegError('BAD_USAGE', `expected ${what}, found ${named.map(({ kind, name, state }) => `${kind} ${name}, which is ${state}`).join('; ')}`);
  const choices = fitting.length > 0 ? fitting : services.runs.all().filter(fits);
  if (choices.length === 0) throw new SigdegError('BAD_USAGE', `expected ${what}, found none in ${services.runs.runsDir}`);
  // One needs no question; a command that destroys asks by itself.
  if (choices.length === 1) return choices;
  const items = choices.map((run) => ({ label: `${run.kind} ${run.name}`, description: `${run.state}, ${new Date(run.created).toLocaleString()}`, detail: run.id, run }));
  const options = { title, placeHolder: `Choose ${what}`, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true } as const;
  if (!many) return [orCancelled(await vscode.window.showQuickPick(items, options)).run];
  const picked = orCancelled(await vscode.window.showQuickPick(items, { ...options, canPickMany: true }));
  return orCancelled(picked.length > 0 ? picked.map(({ run }) => run) : undefined);
}
