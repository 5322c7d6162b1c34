/**
 * The runs as a tree: experiment ▸ teacher ▸ students ▸ samples and evaluations. A teacher that two experiments share stands under both. What a run's manifest
 * says never changes, so neither does its place; only runs that come, go or pass a filter change the tree.
 */
import { newestFirst, type RunSummary } from '../../store/run';
import type { UnreadableRun } from '../../store/run-index';
import { matches, type RunFilter } from './run-filter';

interface Node {
  /** The same as long as the node stands in the tree; the editor keeps by it what is open and selected. */
  readonly key: string;
  readonly parent: TreeNode | undefined;
}

export interface ExperimentNode extends Node {
  readonly kind: 'experiment';
  /** null: the runs without one. */
  readonly name: string | null;
  /** All that is shown of it: with what other experiments made and this one uses, and what stands above a run that passes the filter. */
  readonly runIds: readonly string[];
  /** Of these its own that pass the filter, newest first; what was made of them by hand counts as its own. */
  readonly ownRunIds: readonly string[];
}

export interface RunNode extends Node {
  readonly kind: 'run';
  readonly runId: string;
}

/** A folder that is a run but cannot be read as one. */
export interface BrokenNode extends Node {
  readonly kind: 'broken';
  readonly id: string;
}

export type TreeNode = ExperimentNode | RunNode | BrokenNode;

/** The nodes whose children are others than before; `roots` when that is true of the first level. */
export interface TreeChange {
  readonly roots: boolean;
  readonly nodes: readonly TreeNode[];
}

type Runs = ReadonlyMap<string, RunSummary>;

export class TreeModel {
  private nodes = new Map<string, TreeNode>();
  /** By the parent's key; of the first level by ''. */
  private childKeys = new Map<string, readonly string[]>();
  private ofRun = new Map<string, RunNode[]>();
  /** Ids of an experiment's own runs by its key. */
  private own = new Map<string, string[]>();
  private count = 0;

  /** How many runs are shown. */
  get shown(): number {
    return this.count;
  }

  children(node?: TreeNode): TreeNode[] {
    return (this.childKeys.get(node?.key ?? '') ?? []).map((key) => this.nodes.get(key)!);
  }

  /** All places of a run: a shared teacher has several. */
  placesOf(runId: string): readonly RunNode[] {
    return this.ofRun.get(runId) ?? [];
  }

  /** Arranges the runs anew. Nodes that stay are the same objects, so that the editor knows them again. */
  update(runs: readonly RunSummary[], unreadable: readonly UnreadableRun[] = [], filter?: RunFilter): TreeChange {
    const byId: Runs = new Map(runs.map((run) => [run.id, run]));
    const experimentOf = experiments(byId);
    const places = new Map<string, Place>();
    this.own = new Map();
    this.count = 0;
    for (const run of runs) {
      const experiment = experimentOf(run);
      if (filter !== undefined && !matches(run, experiment, filter)) continue;
      this.count++;
      place(run, experiment, byId, places);
      added(this.own, experimentKey(experiment), run.id);
      // Students that another experiment made are compared here, too.
      if (run.kind === 'evaluation' && run.experiment !== null) {
        for (const id of run.parents) if (byId.get(id)?.kind === 'student') place(byId.get(id)!, experiment, byId, places);
      }
    }
    return this.arrange(places, filter === undefined ? unreadable : []);
  }

  private arrange(places: ReadonlyMap<string, Place>, unreadable: readonly UnreadableRun[]): TreeChange {
    const before = { nodes: this.nodes, childKeys: this.childKeys };
    this.nodes = new Map();
    this.ofRun = new Map();
    const children = new Map<string, string[]>();
    const newest = new Map<string, string>();
    // In the order in which they were placed: parents before their children.
    for (const [key, { run, experiment, parentKey, rootKey }] of places) {
      const node: TreeNode = before.nodes.get(key) ?? (run === undefined ? this.experimentNode(key, experiment) : { key, parent: this.nodes.get(parentKey), kind: 'run', runId: run.id });
      this.nodes.set(key, node);
      if (node.kind === 'run') added(this.ofRun, node.runId, node);
      added(children, parentKey, key);
      if (run !== undefined && run.created > (newest.get(rootKey) ?? '')) newest.set(rootKey, run.created);
    }
    for (const [parentKey, keys] of children) {
      if (parentKey === '') keys.sort((a, b) => ((newest.get(a) ?? '') < (newest.get(b) ?? '') ? 1 : -1));
      else keys.sort((a, b) => inOrder(places.get(a)!.run!, places.get(b)!.run!));
    }
    for (const { id } of unreadable) {
      const key = `broken ${id}`;
      this.nodes.set(key, before.nodes.get(key) ?? { key, parent: undefined, kind: 'broken', id });
      added(children, '', key);
    }
    this.childKeys = children;
    const differs = (key: string): boolean => !isSame(children.get(key), before.childKeys.get(key));
    return { roots: differs(''), nodes: [...this.nodes.values()].filter((node) => before.nodes.has(node.key) && differs(node.key)) };
  }

  private experimentNode(key: string, name: string | null): ExperimentNode {
    const below = (node: TreeNode): string[] => this.children(node).flatMap((child) => [...(child.kind === 'run' ? [child.runId] : []), ...below(child)]);
    const own = (): readonly string[] => this.own.get(key) ?? [];
    const node: ExperimentNode = { key, parent: undefined, kind: 'experiment', name, get runIds() { return [...new Set(below(node))]; }, get ownRunIds() { return own(); } };
    return node;
  }
}

interface Place {
  /** undefined: an experiment. */
  readonly run: RunSummary | undefined;
  readonly experiment: string | null;
  readonly parentKey: string;
  /** Of its experiment. */
  readonly rootKey: string;
}

/** The run that another stands under. Kinds go down only, so that no parents, whatever a file says, form a circle. */
function above(run: RunSummary, runs: Runs): RunSummary | undefined {
  const parents = run.parents.flatMap((id) => runs.get(id) ?? []);
  const teacher = parents.find(({ kind }) => kind === 'teacher');
  const students = parents.filter(({ kind }) => kind === 'student');
  switch (run.kind) {
    case 'teacher':
      return undefined;
    case 'paths':
    case 'student':
      return teacher;
    case 'samples':
      return students[0] ?? teacher;
    case 'evaluation':
      // One that compares several students is about none of them.
      return students.length === 1 ? students[0] : (teacher ?? students[0]);
  }
}

/** The experiment of a run; of one that was made by hand, that of the run it is about. */
function experiments(runs: Runs): (run: RunSummary) => string | null {
  const of = (run: RunSummary): string | null => {
    if (run.experiment !== null) return run.experiment;
    const parent = above(run, runs);
    return parent === undefined ? null : of(parent);
  };
  return of;
}

/** Puts a run and all above it into the tree, once in an experiment. @returns its key */
function place(run: RunSummary, experiment: string | null, runs: Runs, places: Map<string, Place>): string {
  const rootKey = placeExperiment(experiment, places);
  const key = `${rootKey}/${run.id}`;
  if (places.has(key)) return key;
  const parent = above(run, runs);
  const parentKey = parent === undefined ? rootKey : place(parent, experiment, runs, places);
  places.set(key, { run, experiment, parentKey, rootKey });
  return key;
}

const experimentKey = (experiment: string | null): string => (experiment === null ? 'none' : `experiment ${experiment.replaceAll('%', '%25').replaceAll('/', '%2F')}`);

function placeExperiment(experiment: string | null, places: Map<string, Place>): string {
  const key = experimentKey(experiment);
  if (!places.has(key)) places.set(key, { run: undefined, experiment, parentKey: '', rootKey: key });
  return key;
}

function added<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

const isSame = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.length === b.length && a.every((key, i) => key === b[i]);

const ORDER: readonly RunSummary['kind'][] = ['teacher', 'student', 'evaluation', 'samples', 'paths'];

/** Students by steps and depth, everything else newest first; paths, which are only a means, last. */
function inOrder(a: RunSummary, b: RunSummary): number {
  const byKind = ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  if (byKind !== 0) return byKind;
  const [sizeA, sizeB] = [studentSize(a), studentSize(b)];
  return sizeA.steps - sizeB.steps || sizeA.depth - sizeB.depth || newestFirst(a, b);
}

function studentSize({ kind, config }: RunSummary): { steps: number; depth: number } {
  const { student } = (kind === 'student' ? config : {}) as { student?: { steps?: unknown; depth?: unknown } };
  const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return { steps: number([student?.steps].flat()[0]), depth: number(student?.depth) };
}
