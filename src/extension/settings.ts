/** The settings of the extension, read anew each time: they may change while it runs. Their defaults stand in package.json. */
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';

export interface Settings {
  /** A Node executable to run jobs with; empty: find one. Machine-scoped: a folder cannot set it. */
  readonly nodePath: string;
  readonly engine: string;
  /** Cores that jobs leave to the editor. */
  readonly coresForEditor: number;
  /** How many jobs may run at a time. */
  readonly maxConcurrentJobs: number;
  /** Whether a job goes on when the window closes. */
  readonly surviveWindow: boolean;
}

/** From so many cores on one is left to the editor unless the user says otherwise; of fewer, each is a large part of the speed. */
const MANY_CORES = 4;

export function settings(): Settings {
  const of = vscode.workspace.getConfiguration('sigdeg');
  return {
    nodePath: of.get('nodePath', '').trim(),
    engine: of.get('engine', 'auto'),
    coresForEditor: Math.max(0, Math.floor(of.get<number | null>('coresForEditor', null) ?? (os.availableParallelism() < MANY_CORES ? 0 : 1))),
    maxConcurrentJobs: Math.max(1, Math.floor(of.get('maxConcurrentJobs', 1))),
    surviveWindow: of.get('jobs.surviveWindow', true),
  };
}

/** Where runs are kept: the setting, relative to the first folder of the workspace; else `.sigdeg/runs` in it, or the extension's own storage without one. */
export function runsFolder(context: vscode.ExtensionContext): string {
  const set = vscode.workspace.getConfiguration('sigdeg').get('runsFolder', '').trim().replace(/^~(?=$|[/\\])/, os.homedir());
  const base = workFolder(context);
  return set === '' ? path.join(base, '.sigdeg', 'runs') : path.resolve(base, set);
}

/** Where new experiment files go: the first folder of the workspace on disk, or the extension's own storage without one. */
export function workFolder(context: vscode.ExtensionContext): string {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return folder?.uri.fsPath ?? context.globalStorageUri.fsPath;
}
