/** What can be distilled: bundled examples, experiment files, data, teachers that are there. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { isExperimentName, readExperiment, stemOf } from '../../jobs/experiment-drafts';
import { experimentForData, experimentForTeacher, type Json } from '../../jobs/new-experiment';
import type { RunSummary } from '../../store/run';
import { orCancelled } from '../failure';
import { isTeacher } from '../run-filters';
import type { Services } from '../services';

export interface Source {
  /** What a new experiment is called after. */
  readonly name: string;
  readonly experiment: Json;
  /** The experiment's file, where the source is one that the user owns. */
  readonly file?: string;
}

type Item = vscode.QuickPickItem & { readonly make?: () => Promise<Source> | Source };

/** The source that a menu or a button gave; undefined when there is none. */
export function sourceOf(given: vscode.Uri | RunSummary | undefined, folder: string): Source | undefined {
  if (given === undefined) return undefined;
  if (!(given instanceof vscode.Uri)) return isTeacher(given) ? teacherSource(given, folder) : undefined;
  return isExperimentName(given.fsPath) ? fileSource(given.fsPath) : dataSource(given.fsPath, folder);
}

export async function pickSource(services: Services, folder: string): Promise<Source> {
  await services.runs.ready;
  const open = vscode.window.activeTextEditor?.document.uri;
  const current = open?.scheme === 'file' && isExperimentName(open.fsPath) ? open.fsPath : undefined;
  const files = (await vscode.workspace.findFiles('**/*.sigdeg.json', '**/{node_modules,.sigdeg}/**', 50)).map(({ fsPath }) => fsPath).filter((file) => file !== current).sort();
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items: Item[] = [
    ...(current === undefined ? [] : [separator('This file'), fileItem(current, '$(file-code)')]),
    separator('Bundled examples'), ...examples(services, folder),
    ...(files.length === 0 ? [] : [separator('Experiment files'), ...files.map((file) => fileItem(file, '$(json)'))]),
    separator('Your own'),
    { label: '$(file) Data file…', description: '.npy array or idx images', make: async () => dataSource(await choose({ canSelectFiles: true, title: 'A .npy array or idx images' }), folder) },
    { label: '$(folder) Data folder…', description: "laid out like MNIST's", make: async () => dataSource(await choose({ canSelectFiles: false, canSelectFolders: true, title: "A folder laid out like MNIST's" }), folder) },
    { label: '$(json) Experiment file…', description: 'NAME.sigdeg.json', make: async () => fileSource(await choose({ canSelectFiles: true, title: 'An experiment file', filters: { 'Experiment files': ['json'] } })) },
    ...teacherItems(services, folder),
  ];
  const picked = orCancelled(await vscode.window.showQuickPick(items, { title: 'Distill model (1/3): source', placeHolder: 'What is distilled?', matchOnDescription: true }));
  return orCancelled(await picked.make?.());
}

/** Bundled example files by name. */
export function exampleFiles({ context }: Services): string[] {
  const folder = context.asAbsolutePath(path.join('media', 'examples'));
  return fs.readdirSync(folder).filter(isExperimentName).sort().map((name) => path.join(folder, name));
}

const examples = (services: Services, folder: string): Item[] => exampleFiles(services).map((file) => ({
  label: `$(beaker) ${stemOf(file)}`,
  description: describe(readExperiment(file, folder)),
  make: () => ({ name: stemOf(file), experiment: readExperiment(file, folder) }),
}));

function teacherItems({ runs }: Services, folder: string): Item[] {
  const teachers = runs.all().filter(isTeacher).slice(0, 50);
  if (teachers.length === 0) return [];
  return [
    { label: 'Teachers that are there', kind: vscode.QuickPickItemKind.Separator },
    ...teachers.map((run) => ({ label: `$(mortar-board) ${run.name}`, description: run.id, make: () => teacherSource(run, folder) })),
  ];
}

const fileItem = (file: string, icon: string): Item => ({ label: `${icon} ${path.basename(file)}`, description: vscode.workspace.asRelativePath(path.dirname(file)), make: () => fileSource(file) });
const fileSource = (file: string): Source => ({ name: stemOf(file), experiment: readExperiment(file, path.dirname(file)), file });
const dataSource = (data: string, folder: string): Source => ({ name: path.basename(data).replace(/\.gz$/, '').replace(/\.(npy|idx\d?-ubyte)$/, ''), experiment: experimentForData(data, folder) });
const teacherSource = (run: RunSummary, folder: string): Source => ({ name: run.name, experiment: experimentForTeacher({ id: run.id, config: run.config as Json }, folder) });

function describe(experiment: Json): string {
  const dataset = (experiment['dataset'] as { name?: unknown } | undefined)?.name;
  const net = (experiment['teacher'] as { net?: { kind?: unknown } } | undefined)?.net?.kind;
  return [dataset, net].filter((part) => typeof part === 'string').join(', ');
}

async function choose(options: vscode.OpenDialogOptions): Promise<string> {
  const [uri] = orCancelled(await vscode.window.showOpenDialog({ ...options, canSelectMany: false, openLabel: 'Distill' }));
  return orCancelled(uri).fsPath;
}
