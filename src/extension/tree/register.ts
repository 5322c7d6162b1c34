/** The view of runs in the activity bar, with its filter. */
import * as vscode from 'vscode';
import { followPanel, openPanel } from '../panel/register';
import type { Services } from '../services';
import { targetRuns } from '../targets';
import { askFilter } from './filter-input';
import { filterText } from './run-filter';
import { RunTree } from './run-tree';
import type { TreeNode } from './tree-model';
import { lineColours, OPEN_RUN } from './tree-items';

const VIEW = 'sigdeg.runs';
/** Of a double click. */
const TWICE_MS = 500;

export interface Tree {
  dispose(): void;
  readonly selection: () => readonly TreeNode[];
}

export function registerTree(services: Pick<Services, 'context' | 'runs' | 'log'>): Tree {
  const { runs } = services;
  const tree = new RunTree(runs, (ms) => { services.log.info(`${runs.all().length} runs listed in ${ms.toFixed(0)} ms`); });
  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: tree, canSelectMany: true, showCollapseAll: true });
  const announce = (): void => {
    const { filter } = tree;
    const running = runs.all().filter(({ state }) => state === 'running').length;
    // Both are optional, and undefined takes them away.
    Object.assign(view, {
      message: filter === undefined ? undefined : `Filter: ${filterText(filter)} · ${tree.shown} of ${runs.all().length}`,
      badge: running === 0 ? undefined : { value: running, tooltip: `${running} running` },
    });
  };
  const setFilter = (filter: RunTree['filter']): void => {
    tree.filter = filter;
    void vscode.commands.executeCommand('setContext', 'sigdeg.runsFiltered', filter !== undefined);
    announce();
  };
  const idsOf = (nodes: readonly TreeNode[]): string[] => nodes.flatMap((node) => (node.kind === 'run' ? [node.runId] : []));
  // A click selects, as in the explorer, and a panel in sight follows; a second click or Enter opens it.
  let last: { readonly node: unknown; readonly time: number } | undefined;
  let entered = false;
  const open = async (node: TreeNode): Promise<void> => {
    const twice = last?.node === node && performance.now() - last.time < TWICE_MS;
    last = { node, time: performance.now() };
    if (entered || twice) await openPanel(idsOf([node]));
    else followPanel(idsOf([node]));
  };
  const enter = async (): Promise<void> => {
    entered = true;
    try {
      // As Enter is without us: an experiment opens or closes, a run is told to `open`.
      await vscode.commands.executeCommand('list.select');
      await new Promise((resolve) => setTimeout(resolve, TWICE_MS));
    } finally {
      entered = false;
    }
  };
  const all = vscode.Disposable.from(
    view, tree,
    view.onDidChangeSelection(({ selection }) => { if (selection.length > 1) followPanel(idsOf(selection)); }),
    vscode.commands.registerCommand(OPEN_RUN, open),
    vscode.commands.registerCommand('sigdeg.tree.enter', enter),
    tree.onDidUpdate(announce),
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
  return { selection: () => (view.visible ? view.selection : []), dispose: () => { all.dispose(); } };
}
