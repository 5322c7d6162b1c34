/** The view of runs in the activity bar, with its filter. */
import * as vscode from 'vscode';
import type { Services } from '../services';
import { targetRuns } from '../targets';
import { askFilter } from './filter-input';
import { filterText } from './run-filter';
import { RunTree } from './run-tree';
import { lineColours } from './tree-items';

const VIEW = 'sigdeg.runs';
const UNTRUSTED = 'This folder is not trusted: runs can be looked at, nothing is started.';

export function registerTree(services: Services): vscode.Disposable {
  const { runs } = services;
  const tree = new RunTree(runs, (ms) => { services.log.info(`${runs.all().length} runs listed in ${ms.toFixed(0)} ms`); });
  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: tree, canSelectMany: true, showCollapseAll: true });
  const announce = (): void => {
    const { filter } = tree;
    const running = runs.all().filter(({ state }) => state === 'running').length;
    // Both are optional, and undefined takes them away.
    Object.assign(view, {
      message: filter === undefined ? (vscode.workspace.isTrusted ? undefined : UNTRUSTED) : `Filter: ${filterText(filter)} · ${tree.shown} of ${runs.all().length}`,
      badge: running === 0 ? undefined : { value: running, tooltip: `${running} running` },
    });
  };
  const setFilter = (filter: RunTree['filter']): void => {
    tree.filter = filter;
    void vscode.commands.executeCommand('setContext', 'sigdeg.runsFiltered', filter !== undefined);
    announce();
  };
  return vscode.Disposable.from(
    view, tree,
    tree.onDidUpdate(announce),
    vscode.workspace.onDidGrantWorkspaceTrust(announce),
    vscode.window.registerFileDecorationProvider(lineColours),
    vscode.commands.registerCommand('sigdeg.filterRuns', () => { askFilter(tree.filter, (state) => runs.all().filter((run) => run.state === state).length, setFilter); }),
    vscode.commands.registerCommand('sigdeg.clearRunsFilter', () => { setFilter(undefined); }),
    // For the panel and previews: shows a run where it stands.
    vscode.commands.registerCommand('sigdeg.revealRun', async (...args: unknown[]) => {
      const [run] = targetRuns(services, args);
      const node = run && (await tree.place(run.id));
      if (node !== undefined) await view.reveal(node, { select: true, focus: true, expand: true });
    }),
  );
}
