/** The extension's entry. Activation only registers; what a command needs is loaded when it is called. */
import * as vscode from 'vscode';
import { registerCommands } from './commands/table';
import { openInterimIndex } from './interim-index';
import { registerPanel } from './panel/register';
import { registerPreviews } from './previews/register';
import { SwitchingRunIndex } from './runs';
import type { Services } from './services';
import { runsFolder } from './settings';

/** What `activate` returns: for tests inside the editor. */
export interface Api {
  readonly services: Services;
  readonly activationMs: number;
}

export function activate(context: vscode.ExtensionContext): Api {
  const started = performance.now();
  const log = vscode.window.createOutputChannel('Sig-DEG', { log: true });
  const runs = new SwitchingRunIndex(() => runsFolder(context), openInterimIndex);
  const services: Services = { context, runs, log, jobs: undefined as never };
  context.subscriptions.push(
    log,
    { dispose: () => { runs.close(); } },
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('sigdeg.runsFolder')) runs.reopen();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => { runs.reopen(); }),
  );
  registerCommands(services);
  context.subscriptions.push(registerPreviews(services), registerPanel(services));
  return { services, activationMs: performance.now() - started };
}
