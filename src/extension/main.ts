/** The extension's entry. Activation only registers; what a command needs is loaded when it is called. */
import * as vscode from 'vscode';
import { openRunIndex } from '../store/run-index';
import { registerCommands } from './commands/table';
import { keepContextKeys } from './context-keys';
import { followJob } from './job-progress';
import { createJobs } from './jobs/create';
import { registerPanel } from './panel/register';
import { registerPreviews } from './previews/register';
import { SwitchingRunIndex } from './runs';
import type { Services } from './services';
import { runsFolder, settings } from './settings';
import { registerStatusBar } from './status-bar';
import { registerTree } from './tree/register';

/** What `activate` returns: for tests inside the editor. */
export interface Api {
  readonly services: Services;
  readonly activationMs: number;
}

let close: (() => void) | undefined;

export function activate(context: vscode.ExtensionContext): Api {
  const started = performance.now();
  const log = vscode.window.createOutputChannel('Sig-DEG', { log: true });
  const runs = new SwitchingRunIndex(() => runsFolder(context), openRunIndex);
  const jobs = createJobs({ context, runs, log });
  const tree = registerTree({ context, runs, log });
  const services: Services = { context, runs, log, jobs, selection: tree.selection };
  close = () => { jobs.close(settings().surviveWindow); };
  context.subscriptions.push(
    log,
    { dispose: () => { runs.close(); } },
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('sigdeg.runsFolder')) runs.reopen();
      if (change.affectsConfiguration('sigdeg')) jobs.advance();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => { runs.reopen(); }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => { jobs.advance(); }),
    registerStatusBar(services),
    tree,
    registerPreviews(services),
    registerPanel(services),
  );
  registerCommands(services);
  // What reads the disk waits until the window is drawn.
  const later = setTimeout(() => {
    keepContextKeys(services);
    jobs.adopt((job) => { followJob(services, job); });
  }, 200);
  context.subscriptions.push({ dispose: () => { clearTimeout(later); } });
  const activationMs = performance.now() - started;
  log.info(`activated in ${activationMs.toFixed(0)} ms`);
  return { services, activationMs };
}

/** The window closes: jobs go on or write a checkpoint, as `sigdeg.jobs.surviveWindow` says. */
export function deactivate(): void {
  close?.();
}
