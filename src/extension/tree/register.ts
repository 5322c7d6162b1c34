/** The view of runs in the activity bar, with its filter. */
import * as vscode from 'vscode';
import { followPanel, openPanel } from '../panel/register';
import type { Services } from '../services';
import { runsOf } from '../targets';
import { askFilter } from './filter-input';
import { filterText } from './run-filter';
import { RunTree } from './run-tree';
import type { TreeNode } from './tree-model';
import { lineColours, OPEN_RUN } from './tree-items';

const VIEW = 'sigdeg.runs';
const UNTRUSTED = 'This folder is not trusted: runs can be looked at, nothing is started.';
/** Of a double click. */
const TWICE_MS = 500;

/** When something happened to a node. */
interface Moment {
  readonly node: TreeNode;
  readonly time: number;
}

const momentOf = (node: TreeNode): Moment => ({ node, time: performance.now() });
const isNow = (moment: Moment | undefined, node: TreeNode): boolean => moment?.node === node && performance.now() - moment.time < TWICE_MS;

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
      message: filter === undefined ? (vscode.workspace.isTrusted ? undefined : UNTRUSTED) : `Filter: ${filterText(filter)} · ${tree.shown} of ${runs.all().length}`,
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
  let last: Moment | undefined;
  let opened: Moment | undefined;
  let closed: Moment | undefined;
  let entered = false;
  const open = async (node: TreeNode): Promise<void> => {
    const twice = isNow(last, node);
    last = momentOf(node);
    if (!entered && !twice) {
      followPanel(idsOf([node]));
      return;
    }
    if (twice) opened = last;
    await keepOpen(node);
    await openPanel(idsOf([node]));
  };
  /** The editor closes or opens what is clicked twice, and tells so before or after: here the second click means the panel, so what was open stays so. */
  const keepOpen = async (node: TreeNode): Promise<void> => {
    if (isNow(opened, node) && isNow(closed, node)) await view.reveal(node, { expand: true, select: false, focus: false });
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
    view.onDidCollapseElement(({ element }) => {
      closed = momentOf(element);
      void keepOpen(element);
    }),
    vscode.commands.registerCommand(OPEN_RUN, open),
    vscode.commands.registerCommand('sigdeg.tree.enter', enter),
    tree.onDidUpdate(announce),
    vscode.workspace.onDidGrantWorkspaceTrust(announce),
    vscode.window.registerFileDecorationProvider(lineColours),
    vscode.commands.registerCommand('sigdeg.filterRuns', () => { askFilter(tree.filter, (state) => runs.all().filter((run) => run.state === state).length, setFilter); }),
    vscode.commands.registerCommand('sigdeg.clearRunsFilter', () => { setFilter(undefined); }),
    // For the panel and previews: shows a run where it stands.
    vscode.commands.registerCommand('sigdeg.revealRun', async (...args: unknown[]) => {
      const [run] = runsOf(services, args);
      const node = run && (await tree.place(run.id));
      if (node !== undefined) await view.reveal(node, { select: true, focus: true, expand: true });
    }),
  );
  return { selection: () => (view.visible ? view.selection : []), dispose: () => { all.dispose(); } };
}
