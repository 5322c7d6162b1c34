/** Experiment files: a new one from a template, a copy under a new name, the one behind a run. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { freeName, isExperimentName, nameProblem, readExperiment, writeExperiment } from '../../jobs/experiment-drafts';
import { stemOf } from '../../jobs/experiment-file';
import type { RunSummary } from '../../store/run';
import { orCancelled } from '../failure';
import { pickRuns } from '../pick-runs';
import { isAny } from '../run-filters';
import type { Services } from '../services';
import { workFolder } from '../settings';
import { exampleFiles } from './sources';

export async function newExperiment(services: Services): Promise<void> {
  const items = exampleFiles(services).map((file) => ({ label: stemOf(file), file }));
  const { file } = orCancelled(await vscode.window.showQuickPick(items, { title: 'New experiment (1/2): template', ignoreFocusOut: true }));
  await copy(file, workFolder(services.context), 'New experiment (2/2): name');
}

/** Of an experiment file, or of the one behind a run. */
export async function clone(services: Services, args: readonly unknown[]): Promise<void> {
  const file = await experimentFileOf(services, args, 'Clone');
  await copy(file, path.dirname(file), 'Clone: name');
}

async function copy(from: string, folder: string, title: string): Promise<void> {
  const name = orCancelled(await vscode.window.showInputBox({
    title, ignoreFocusOut: true, prompt: `NAME.sigdeg.json is written to ${folder}`, value: freeName(folder, stemOf(from)), validateInput: (text) => nameProblem(folder, text),
  })).trim();
  const file = path.join(folder, `${name}.sigdeg.json`);
  writeExperiment(file, readExperiment(from, folder));
  await vscode.window.showTextDocument(vscode.Uri.file(file));
}

/** The experiment's file where there is one, else the run's manifest. */
export async function openConfig(services: Services, args: readonly unknown[]): Promise<void> {
  const { experimentFile: file, dir } = await originOf(services, args, 'Open config');
  await vscode.window.showTextDocument(vscode.Uri.file(file !== null && fs.existsSync(file) ? file : path.join(dir, 'run.json')));
}

/** The run that the first argument names. Of an experiment, the newest of its own that its file made: a teacher that it shares may come from another file, and what was made by hand from none. */
async function originOf(services: Services, args: readonly unknown[], title: string): Promise<RunSummary> {
  const runs = await pickRuns(services, args.slice(0, 1), { fits: isAny, what: 'a run', title, many: true, scope: 'own' });
  return runs.find(({ experimentFile }) => experimentFile !== null) ?? runs[0]!;
}

/** The experiment file in front; where runs are selected in the tree as well, the user says which of the two is meant. */
async function openOrSelected({ selection }: Services, title: string): Promise<vscode.Uri | undefined> {
  const open = vscode.window.activeTextEditor?.document.uri;
  if (open === undefined || !isExperimentName(open.fsPath) || selection().length === 0) return open;
  const file = { label: `$(json) ${path.basename(open.fsPath)}`, description: 'the open file', uri: open };
  const run = { label: '$(list-tree) The selected run', description: 'its experiment', uri: undefined };
  return orCancelled(await vscode.window.showQuickPick([file, run], { title })).uri;
}

async function experimentFileOf(services: Services, args: readonly unknown[], title: string): Promise<string> {
  const given = args[0] instanceof vscode.Uri ? args[0] : args.length === 0 ? await openOrSelected(services, title) : undefined;
  if (given !== undefined && isExperimentName(given.fsPath)) return given.fsPath;
  const { id, experimentFile: file } = await originOf(services, args, title);
  if (file === null) throw new SigdegError('NOT_FOUND', `${id} was made by a command and has no experiment file to copy: choose a run of an experiment`);
  if (!fs.existsSync(file)) throw new SigdegError('NOT_FOUND', `${file}, which ${id} was made from, is gone`);
  return file;
}
