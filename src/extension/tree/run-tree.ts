/** The tree of runs as the editor asks for it. Only what changed is told to be drawn again. */
import * as vscode from 'vscode';
import type { RunSummary } from '../../store/run';
import type { RunIndex } from '../../store/run-index';
import { RunFigures } from '../previews/run-figures';
import { experimentDescription, type Measured } from './figures';
import type { RunFilter } from './run-filter';
import { TreeModel, type ExperimentNode, type TreeNode } from './tree-model';
import { brokenItem, experimentItem, hoverOf, runItem } from './tree-items';

/** Of a folder of thousands the newest are shown first, and then all at once: to draw the tree for every few hundred that are read takes longer than to read them. */
const LONGEST_WAIT_MS = 100;

export class RunTree implements vscode.TreeDataProvider<TreeNode>, Measured, vscode.Disposable {
  readonly #model = new TreeModel();
  readonly #figures = new RunFigures();
  readonly #changes = new vscode.EventEmitter<TreeNode[] | undefined>();
  readonly #updates = new vscode.EventEmitter<void>();
  readonly #end: () => void;
  /** What was measured and drawn of each run, newest first: whatever the filter hides. */
  #about: Readonly<Record<'evaluation' | 'samples', Map<string, string[]>>> = { evaluation: new Map(), samples: new Map() };
  /** What experiments are said to be, so that they are drawn again only when that changes. */
  readonly #said = new Map<string, string>();
  #begun = false;
  #complete = false;
  #filter: RunFilter | undefined;

  readonly onDidChangeTreeData = this.#changes.event;
  /** After runs were arranged anew or changed. */
  readonly onDidUpdate = this.#updates.event;

  /** @param onListed told how long it took until the first level was known */
  constructor(private readonly runs: RunIndex, private readonly onListed: (ms: number) => void) {
    this.#end = runs.onChange((ids) => { this.#changed(ids); });
  }

  dispose(): void {
    this.#end();
    this.#changes.dispose();
    this.#updates.dispose();
  }

  get filter(): RunFilter | undefined {
    return this.#filter;
  }

  set filter(filter: RunFilter | undefined) {
    this.#filter = filter;
    this.#arrange();
  }

  /** How many runs pass the filter. */
  get shown(): number {
    return this.#model.shown;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (!this.#begun) {
      const start = performance.now();
      await Promise.race([this.runs.ready, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))]);
      this.#begun = true;
      this.#update();
      this.onListed(performance.now() - start);
      void this.runs.ready.then(() => {
        this.#complete = true;
        this.#arrange();
      });
    }
    return this.#model.children(node);
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const children = this.#model.children(node);
    switch (node.kind) {
      case 'experiment': {
        const description = this.#describe(node);
        this.#said.set(node.key, description);
        return experimentItem(node, description, this.#model.children()[0] === node);
      }
      case 'broken':
        return brokenItem(node, this.runs.unreadable().find(({ id }) => id === node.id));
      case 'run': {
        const run = this.runs.get(node.runId);
        // Deleted since the tree was arranged: the next change takes it away.
        if (run === undefined) return new vscode.TreeItem(node.runId);
        return runItem(node, run, this, { children: children.length, picture: this.#pictureOf(run) });
      }
    }
  }

  /** The hover, which is costlier than the line, when it is asked for. */
  resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem {
    const run = node.kind === 'run' ? this.runs.get(node.runId) : undefined;
    if (run !== undefined) item.tooltip = hoverOf(run, this, this.#pictureOf(run));
    return item;
  }

  rows(evaluation: string): ReturnType<Measured['rows']> {
    return this.runs.rows(evaluation);
  }

  evaluationsOf(runId: string): readonly RunSummary[] {
    return this.#known('evaluation', runId);
  }

  #known(kind: 'evaluation' | 'samples', runId: string): RunSummary[] {
    return (this.#about[kind].get(runId) ?? []).flatMap((id) => this.runs.get(id) ?? []);
  }

  /** Where a run stands, to reveal it; undefined while the filter hides it. */
  async place(runId: string): Promise<TreeNode | undefined> {
    await this.getChildren();
    return this.#model.placesOf(runId)[0];
  }

  /** The newest picture of a run, or of the samples that were drawn from it. */
  #pictureOf(run: RunSummary): string | undefined {
    const pictures = [run, ...this.#known('samples', run.id)].flatMap((each) => this.#figures.picture(each) ?? []);
    return pictures.sort((a, b) => b.time - a.time)[0]?.file;
  }

  #describe({ runIds }: ExperimentNode): string {
    return experimentDescription(runIds.flatMap((id) => this.runs.get(id) ?? []));
  }

  #changed(ids: ReadonlySet<string>): void {
    this.#figures.changed(ids);
    if (!this.#complete) return;
    const moved = this.#filter !== undefined || [...ids].some((id) => (this.runs.get(id) === undefined) !== (this.#model.placesOf(id).length === 0));
    const before = this.runs.unreadable();
    if (moved || before.some(({ id }) => ids.has(id)) || this.#model.children().some((node) => node.kind === 'broken' && ids.has(node.id))) this.#arrange(ids);
    else this.#redraw(ids, []);
  }

  #update(): ReturnType<TreeModel['update']> {
    const runs = this.runs.all();
    this.#about = { evaluation: new Map(), samples: new Map() };
    for (const { id, kind, parents } of runs) {
      if (kind !== 'evaluation' && kind !== 'samples') continue;
      for (const parent of parents) {
        const known = this.#about[kind].get(parent);
        if (known === undefined) this.#about[kind].set(parent, [id]);
        else known.push(id);
      }
    }
    const change = this.#model.update(runs, this.runs.unreadable(), this.#filter);
    this.#updates.fire();
    return change;
  }

  #arrange(ids: ReadonlySet<string> = new Set()): void {
    const { roots, nodes } = this.#update();
    if (roots) this.#changes.fire(undefined);
    else this.#redraw(ids, nodes);
  }

  /** Draws the runs again, what they are evaluated by or drawn for, and their experiments where something else is to be said. */
  #redraw(ids: ReadonlySet<string>, others: readonly TreeNode[]): void {
    const nodes = new Set(others);
    for (const id of ids) {
      const run = this.runs.get(id);
      const shownBy = run?.kind === 'evaluation' || run?.kind === 'samples' ? run.parents : [];
      for (const node of [id, ...shownBy].flatMap((each) => this.#model.placesOf(each))) nodes.add(node);
    }
    for (const node of new Set([...nodes].map(rootOf))) {
      if (node.kind === 'experiment' && this.#said.has(node.key) && this.#describe(node) !== this.#said.get(node.key)) nodes.add(node);
    }
    // Drawing a node draws all below it.
    const needed = [...nodes].filter((node) => !isBelow(node, nodes));
    if (needed.length > 0) this.#changes.fire(needed);
    this.#updates.fire();
  }
}

const rootOf = (node: TreeNode): TreeNode => (node.parent === undefined ? node : rootOf(node.parent));

function isBelow(node: TreeNode, others: ReadonlySet<TreeNode>): boolean {
  for (let above = node.parent; above !== undefined; above = above.parent) if (others.has(above)) return true;
  return false;
}
