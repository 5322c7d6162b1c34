import * as vscode from 'vscode';
import type { DocumentState } from './document-state';
import { lensesOf, type LensTarget } from './lenses';

export class LensProvider implements vscode.CodeLensProvider {
  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(private readonly state: DocumentState) {
    this.onDidChangeCodeLenses = state.onDidChange;
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const situation = { figures: this.state.figures, trusted: vscode.workspace.isTrusted, now: Date.now() };
    return lensesOf(this.state.text(document), this.state.matches(document), situation).map(({ at, title, tooltip, command, target }) => {
      const place = document.positionAt(at);
      return new vscode.CodeLens(new vscode.Range(place, place), { title, tooltip, command: command ?? '', arguments: argumentsOf(target, document) });
    });
  }
}

function argumentsOf(target: LensTarget | undefined, document: vscode.TextDocument): unknown[] {
  if (target === undefined) return [];
  return [target === 'file' ? document.uri : target];
}
