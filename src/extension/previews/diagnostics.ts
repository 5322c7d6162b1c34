/** The problems of experiment files at their places, and quick fixes for what was probably mistyped. */
import * as vscode from 'vscode';
import { isExperimentDocument } from './documents';
import { readExperimentText, type PlacedProblem } from './experiment-text';
import { rangeOf } from './range';

const SOURCE = 'sigdeg';
const [CONFIG, SYNTAX] = ['BAD_CONFIG', 'BAD_JSON'];
/** So long after the last keystroke. */
const TYPING_MS = 250;

/** What keeps a document from being run, in the order of the text; empty where a job may start. Whoever starts one asks this first. */
export function problemsIn(document: vscode.TextDocument): vscode.Diagnostic[] {
  return readExperimentText(document.getText(), document.uri.fsPath).problems.map((problem) => diagnosticOf(problem, document)).sort((a, b) => a.range.start.compareTo(b.range.start));
}

export class ProblemReporter implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection(SOURCE);
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #parts: { dispose(): unknown }[];

  constructor() {
    this.#parts = [
      this.#collection,
      vscode.workspace.onDidOpenTextDocument((document) => { this.#report(document); }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => { this.#reportSoon(document); }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        clearTimeout(this.#waiting.get(uri.toString()));
        this.#collection.delete(uri);
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('json.validate.enable')) this.#reportAll();
      }),
    ];
    this.#reportAll();
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    for (const part of this.#parts) part.dispose();
  }

  #reportAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#report(document);
  }

  #reportSoon(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#waiting.get(key));
    this.#waiting.set(key, setTimeout(() => {
      this.#waiting.delete(key);
      if (!document.isClosed) this.#report(document);
    }, TYPING_MS));
  }

  #report(document: vscode.TextDocument): void {
    if (!isExperimentDocument(document)) return;
    this.#collection.set(document.uri, problemsIn(document).filter(({ code }) => code !== SYNTAX || !editorChecksSyntax(document)));
  }
}

/** «Change to 'steps'», for a key or a value that is nearly right. */
export class QuickFixes implements vscode.CodeActionProvider {
  provideCodeActions(document: vscode.TextDocument, range: vscode.Range, { diagnostics }: vscode.CodeActionContext): vscode.CodeAction[] {
    return readExperimentText(document.getText(), document.uri.fsPath).problems.flatMap(({ fix, message }) => {
      if (fix === undefined || rangeOf(fix.span, document).intersection(range) === undefined) return [];
      const action = new vscode.CodeAction(`Change to '${fix.meant}'`, vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      action.edit.replace(document.uri, rangeOf(fix.span, document), fix.text);
      action.diagnostics = diagnostics.filter((diagnostic) => diagnostic.source === SOURCE && diagnostic.message === message);
      action.isPreferred = true;
      return [action];
    });
  }
}

function diagnosticOf({ span, message, syntax }: PlacedProblem, document: vscode.TextDocument): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(span, document), message, vscode.DiagnosticSeverity.Error);
  diagnostic.source = SOURCE;
  diagnostic.code = syntax ? SYNTAX : CONFIG;
  return diagnostic;
}

/** VS Code's own JSON support underlines broken syntax already; twice the same helps nobody. */
function editorChecksSyntax(document: vscode.TextDocument): boolean {
  const known = vscode.extensions.getExtension('vscode.json-language-features') !== undefined;
  return known && document.languageId === 'json' && vscode.workspace.getConfiguration('json', document).get('validate.enable', true);
}
