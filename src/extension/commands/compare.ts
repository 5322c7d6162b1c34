/** Compare selected runs: the panel with these runs chosen. */
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { pickRuns } from '../pick-runs';
import { isAny } from '../run-filters';
import type { Services } from '../services';

export async function compare(services: Services, args: readonly unknown[]): Promise<void> {
  const runs = await pickRuns(services, args, { fits: isAny, what: 'two or more runs to compare', title: 'Compare', many: true });
  if (runs.length < 2) throw new SigdegError('BAD_USAGE', `expected two or more runs to compare, found ${runs.map(({ name }) => name).join()}: select several in the tree, with Ctrl or Shift`);
  await vscode.commands.executeCommand('sigdeg.openPanel', { runIds: runs.map(({ id }) => id) });
}
