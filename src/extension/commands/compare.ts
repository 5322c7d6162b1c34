/** Open panel, and Compare selected runs: the panel with these runs chosen. */
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { openPanel } from '../panel/register';
import { pickRuns } from '../pick-runs';
import { isAny } from '../run-filters';
import type { Services } from '../services';
import { targetRuns } from '../targets';

/** With the runs that it is given, or those of an experiment file; from the palette as it was left. */
export async function showPanel(services: Services, args: readonly unknown[]): Promise<void> {
  const [target] = args;
  if (args.length > 0) await services.runs.ready;
  const ids = target instanceof vscode.Uri
    ? services.runs.all().filter(({ experimentFile }) => experimentFile === target.fsPath).map(({ id }) => id)
    : targetRuns(services, args).map(({ id }) => id);
  await openPanel(ids.length > 0 ? ids : undefined);
}

export async function compare(services: Services, args: readonly unknown[]): Promise<void> {
  const runs = await pickRuns(services, args, { fits: isAny, what: 'two or more runs to compare', title: 'Compare', many: true, least: 2 });
  if (runs.length < 2) throw new SigdegError('BAD_USAGE', `expected two or more runs to compare, found ${runs.map(({ name }) => name).join()}: select several in the tree, with Ctrl or Shift`);
  await openPanel(runs.map(({ id }) => id));
}
