/** Keys for `when` clauses in package.json: which commands make sense now. */
import * as vscode from 'vscode';
import type { Services } from './services';
import { isActive, isModel, isResumable } from './run-filters';

export function keepContextKeys({ context, runs }: Services): void {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand('setContext', `sigdeg.${key}`, value);
  };
  const update = (): void => {
    const all = runs.all();
    set('hasRuns', all.length > 0);
    set('hasRunning', all.some(isActive));
    set('hasResumable', all.some(isResumable));
    set('hasModels', all.some(isModel));
  };
  const experiment = (): void => set('experimentOpen', vscode.window.activeTextEditor?.document.uri.path.endsWith('.sigdeg.json') === true);
  context.subscriptions.push({ dispose: runs.onChange(update) }, vscode.window.onDidChangeActiveTextEditor(experiment));
  update();
  experiment();
}
