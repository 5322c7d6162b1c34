/** All commands by id. Each loads its code when it is called for the first time. */
import * as vscode from 'vscode';
import type { Services } from '../services';

type Run = (services: Services, args: readonly unknown[]) => Promise<unknown>;

const later: Run = () => Promise.reject(new Error('not there yet'));

const COMMANDS: Record<string, Run> = Object.fromEntries([
  'distillModel', 'newExperiment', 'sample', 'evaluate', 'compare', 'stop', 'pause', 'resume', 'clone', 'delete', 'openPanel', 'revealFolder', 'openConfig',
  'export', 'installEngine', 'openLog', 'refresh',
].map((name) => [`sigdeg.${name}`, later]));

export function registerCommands(services: Services): void {
  for (const [id, run] of Object.entries(COMMANDS)) {
    services.context.subscriptions.push(vscode.commands.registerCommand(id, (...args: unknown[]) => run(services, args)));
  }
}
