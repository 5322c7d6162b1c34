/** How a node of the tree looks. */
import * as vscode from 'vscode';
import { printable } from '../../core/printable';
import type { RunState, RunSummary } from '../../store/run';
import type { UnreadableRun } from '../../store/run-index';
import { escaped } from '../previews/hover-text';
import { runLabel } from './config-lines';
import { runDescription, spokenRun, type Measured } from './figures';
import { runHover } from './hover-text';
import type { BrokenNode, ExperimentNode, RunNode } from './tree-model';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

const icon = (id: string, colour?: string): vscode.ThemeIcon => new vscode.ThemeIcon(id, colour === undefined ? undefined : new vscode.ThemeColor(colour));

const STATE_ICONS: Readonly<Record<RunState, vscode.ThemeIcon>> = {
  queued: icon('clock'),
  running: icon('sync~spin', 'charts.blue'),
  paused: icon('debug-pause', 'charts.yellow'),
  done: icon('pass', 'testing.iconPassed'),
  stopped: icon('stop-circle'),
  failed: icon('error', 'list.errorForeground'),
  lost: icon('debug-disconnect', 'list.warningForeground'),
};

/** Of an item that was clicked, or chosen by Enter. */
export const OPEN_RUN = 'sigdeg.tree.open';

/** The file decorations by which lines are coloured: an item itself has no colour. */
export const COLOUR_SCHEME = 'sigdeg-run';
const COLOURS = { dimmed: 'disabledForeground', failed: 'list.errorForeground', lost: 'list.warningForeground' } as const;

export function experimentItem(node: ExperimentNode, description: string, open: boolean): vscode.TreeItem {
  const label = node.name === null ? 'Without an experiment' : printable(node.name);
  const item = new vscode.TreeItem(label, open ? Expanded : Collapsed);
  item.id = node.key;
  item.description = description;
  item.iconPath = icon('beaker');
  item.contextValue = 'experiment';
  item.tooltip = `${label}: ${description}`;
  item.accessibilityInformation = { label: `Experiment ${label}, ${description}` };
  return item;
}

export function runItem(node: RunNode, run: RunSummary, measured: Measured, { children, picture }: { children: number; picture: string | undefined }): vscode.TreeItem {
  // The editor looks at this once: a teacher that gets its students later would stay closed.
  const item = new vscode.TreeItem(runLabel(run), run.kind === 'teacher' ? Expanded : children === 0 ? None : Collapsed);
  item.command = { command: OPEN_RUN, title: 'Show run', arguments: [node] };
  item.id = node.key;
  item.description = runDescription(run, measured);
  // A failure is more telling than how its last samples look.
  item.iconPath = picture === undefined || run.state === 'failed' || run.state === 'lost' ? STATE_ICONS[run.state] : vscode.Uri.file(picture);
  item.contextValue = `run.${run.kind}.${run.state}`;
  item.accessibilityInformation = { label: spokenRun(run, measured) };
  const colour = run.state === 'failed' || run.state === 'lost' ? run.state : run.kind === 'paths' ? 'dimmed' : undefined;
  if (colour !== undefined) item.resourceUri = vscode.Uri.from({ scheme: COLOUR_SCHEME, path: `/${run.id}`, query: colour });
  return item;
}

export function brokenItem(node: BrokenNode, problem: UnreadableRun | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(printable(node.id), None);
  item.id = node.key;
  item.description = problem?.code === 'NEWER_VERSION' ? 'of a newer version' : problem?.code === 'NO_ACCESS' ? 'not readable' : 'damaged';
  item.iconPath = icon('warning', 'list.warningForeground');
  item.contextValue = 'broken';
  item.tooltip = textOnly(escaped(problem?.message ?? node.id, 400));
  item.accessibilityInformation = { label: `Run ${printable(node.id)}, ${item.description}` };
  return item;
}

export const hoverOf = (run: RunSummary, measured: Measured, picture: string | undefined): vscode.MarkdownString =>
  textOnly(runHover(run, measured, picture === undefined ? undefined : vscode.Uri.file(picture).toString()));

function textOnly(markdown: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString(markdown);
  text.isTrusted = false;
  text.supportHtml = false;
  text.supportThemeIcons = false;
  return text;
}

export const lineColours: vscode.FileDecorationProvider = {
  provideFileDecoration({ scheme, query }) {
    if (scheme !== COLOUR_SCHEME || !Object.hasOwn(COLOURS, query)) return undefined;
    return new vscode.FileDecoration(undefined, undefined, new vscode.ThemeColor(COLOURS[query as keyof typeof COLOURS]));
  },
};
