/** What can be distilled: bundled examples, experiment files, data, teachers that are there. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import { printable } from '../../core/printable';
import { isExperimentName, readExperiment } from '../../jobs/experiment-drafts';
import { stemOf } from '../../jobs/experiment-file';
import { experimentForData, experimentForTeacher, type Json } from '../../jobs/new-experiment';
import { isReadyRun } from '../../jobs/ready-models';
import type { RunSummary } from '../../store/run';
import { Cancelled, orCancelled } from '../failure';
import { openDocument, saveFirst } from '../open-document';
import { readExperimentText } from '../previews/experiment-text';
import { rangeOf } from '../previews/range';
import { isTeacher } from '../run-filters';
import type { Services } from '../services';
import { missingData } from './missing-data';
import { addTeacher, readyTeachers } from './ready-models';

export interface Source {
  /** What a new experiment is called after. */
  readonly name: string;
  readonly experiment: Json;
  /** The experiment's file, where the source is one that the user owns. */
  readonly file?: string;
}

type Item = vscode.QuickPickItem & { readonly make?: () => Promise<Source> | Source };

/** The source that a menu or a button gave, experiment files aside, which run as they are; undefined when there is none. */
export function sourceOf(given: vscode.Uri | RunSummary | undefined, folder: string): Source | undefined {
  if (given === undefined) return undefined;
  if (!(given instanceof vscode.Uri)) return isTeacher(given) ? teacherSource(given, folder) : undefined;
  return dataSource(given.fsPath, folder);
}

export async function pickSource(services: Services, folder: string): Promise<Source> {
  const open = vscode.window.activeTextEditor?.document.uri;
  const current = open?.scheme === 'file' && isExperimentName(open.fsPath) ? open.fsPath : undefined;
  const files = (await vscode.workspace.findFiles('**/*.sigdeg.json', '**/{node_modules,.sigdeg}/**', 50)).map(({ fsPath }) => fsPath).filter((file) => file !== current).sort();
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const section = (label: string, of: readonly Item[]): Item[] => (of.length === 0 ? [] : [separator(label), ...of]);
  const all = [...(current === undefined ? [] : [current]), ...files].map((file) => ({ file, problems: problemsOf(file) }));
  const sound = (file: string | undefined): boolean => all.some((one) => one.file === file && one.problems.length === 0);
  const items: Item[] = [
    ...section('This file', current !== undefined && sound(current) ? [fileItem(current, '$(file-code)')] : []),
    ...section('Bundled examples', examples(services, folder)),
    ...section('Experiment files', files.filter(sound).map((file) => fileItem(file, '$(json)'))),
    separator('Your own'),
    { label: '$(file) Data file…', description: '.npy array or idx images', make: async () => dataSource(await choose({ canSelectFiles: true, title: 'A .npy array or idx images' }), folder) },
    { label: '$(folder) Data folder…', description: "laid out like MNIST's", make: async () => dataSource(await choose({ canSelectFiles: false, canSelectFolders: true, title: "A folder laid out like MNIST's" }), folder) },
    { label: '$(json) Experiment file…', description: 'NAME.sigdeg.json', make: async () => fileSource(await choose({ canSelectFiles: true, title: 'An experiment file', filters: { 'Experiment files': ['json'] } })) },
    ...teacherItems(services, folder),
    ...section('Teachers that came with the extension', readyTeachers(services).map((model) => ({ label: `$(package) ${model.title}`, description: 'trained: only the student is to be made', make: async () => teacherSource(await addTeacher(services, model), folder) }))),
    ...section('Cannot be started', all.filter(({ problems }) => problems.length > 0).map(badItem)),
  ];
  const picked = orCancelled(await vscode.window.showQuickPick(items, { title: 'Distill model (1/3): source', placeHolder: 'What is distilled?', matchOnDescription: true, ignoreFocusOut: true }));
  return orCancelled(await picked.make?.());
}

/** Bundled example files by name. */
export function exampleFiles({ context }: Services): string[] {
  const folder = context.asAbsolutePath(path.join('media', 'examples'));
  return fs.readdirSync(folder).filter(isExperimentName).sort().map((name) => path.join(folder, name));
}

const examples = (services: Services, folder: string): Item[] => exampleFiles(services).map((file) => ({
  label: `$(beaker) ${stemOf(file)}`,
  description: `${describe(readExperiment(file, folder))}${missingData(services, file) === undefined ? '' : ': its data are fetched or chosen first'}`,
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

/** Its folder, below that of the workspace; nothing for a file right in it. */
function placeOf(file: string): string {
  const folder = path.dirname(file);
  return vscode.workspace.workspaceFolders?.some(({ uri }) => uri.fsPath === folder) === true ? '' : vscode.workspace.asRelativePath(folder);
}

/** What keeps a file from being distilled, as it stands in the editor where it is open. */
function problemsOf(file: string): string[] {
  try {
    return readExperimentText(openDocument(file)?.getText() ?? fs.readFileSync(file, 'utf8'), file).problems.map(({ message }) => message);
  } catch (error) {
    return [messageOf(error)];
  }
}

/** Shows the file at its first mistake and starts nothing. */
const badItem = ({ file, problems: [first = '', ...others] }: { file: string; problems: readonly string[] }): Item => ({
  label: `$(error) ${path.basename(file)}`,
  description: placeOf(file),
  detail: `${printable(first, 160)}${others.length === 0 ? '' : ` (and ${others.length} more)`}`,
  make: async () => {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(file));
    await vscode.commands.executeCommand('workbench.actions.view.problems');
    // Once the list of problems has taken its room.
    const [first] = readExperimentText(editor.document.getText(), file).problems;
    if (first) {
      const place = rangeOf(first.span, editor.document);
      editor.selection = new vscode.Selection(place.start, place.start);
      editor.revealRange(place, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
    throw new Cancelled();
  },
});

const fileItem = (file: string, icon: string): Item => ({ label: `${icon} ${path.basename(file)}`, description: placeOf(file), make: () => fileSource(file) });
async function fileSource(file: string): Promise<Source> {
  await saveFirst(file);
  return { name: stemOf(file), experiment: readExperiment(file, path.dirname(file)), file };
}
const dataSource = (data: string, folder: string): Source => ({ name: path.basename(data).replace(/\.gz$/, '').replace(/\.(npy|idx\d?-ubyte)$/, ''), experiment: experimentForData(data, folder) });
function teacherSource(run: RunSummary, folder: string): Source {
  const ready = isReadyRun(run);
  return { name: run.name, experiment: experimentForTeacher({ ref: ready ? run.name : run.id, config: run.config as Json, ready }, folder) };
}

function describe(experiment: Json): string {
  const dataset = (experiment['dataset'] as { name?: unknown } | undefined)?.name;
  const net = (experiment['teacher'] as { net?: { kind?: unknown } } | undefined)?.net?.kind;
  return [dataset, net].filter((part) => typeof part === 'string').join(', ');
}

async function choose(options: vscode.OpenDialogOptions): Promise<string> {
  const [uri] = orCancelled(await vscode.window.showOpenDialog({ ...options, canSelectMany: false, openLabel: 'Distill' }));
  return orCancelled(uri).fsPath;
}
