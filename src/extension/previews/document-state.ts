/** The experiment files that are open, each read once a version, matched with the runs; tells when what is drawn in them has changed. */
import * as vscode from 'vscode';
import type { Services } from '../services';
import { readExperimentText, type ExperimentText } from './experiment-text';
import { matchRuns, shownIds, type MatchedRuns } from './matching';
import { RunFigures } from './run-figures';

/** Live figures are drawn anew at most so often: a lens that changes more often cannot be clicked. */
const REDRAW_MS = 750;

export class DocumentState implements vscode.Disposable {
  readonly figures = new RunFigures();
  readonly #texts = new WeakMap<vscode.TextDocument, { version: number; text: ExperimentText }>();
  readonly #shown = new Map<string, ReadonlySet<string>>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #parts: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  /** Runs that are shown have changed, or others have come; also whether the folder is trusted. */
  readonly onDidChange = this.#changed.event;

  constructor(private readonly services: Services) {
    const unfollow = services.runs.onChange((ids) => {
      this.figures.changed(ids);
      if ([...ids].some((id) => this.#concerns(id))) this.#redrawSoon();
    });
    this.#parts = [
      this.#changed,
      { dispose: unfollow },
      vscode.workspace.onDidGrantWorkspaceTrust(() => { this.#redrawSoon(); }),
      vscode.workspace.onDidCloseTextDocument((document) => void this.#shown.delete(document.uri.toString())),
    ];
  }

  text(document: vscode.TextDocument): ExperimentText {
    const known = this.#texts.get(document);
    if (known?.version === document.version) return known.text;
    const text = readExperimentText(document.getText(), document.uri.fsPath);
    this.#texts.set(document, { version: document.version, text });
    return text;
  }

  matches(document: vscode.TextDocument): MatchedRuns {
    const matches = matchRuns(this.text(document), this.services.runs.all());
    this.#shown.set(document.uri.toString(), shownIds(matches));
    return matches;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const part of this.#parts) part.dispose();
  }

  /** A run that is shown, or one that is new (or gone), which may have to be. */
  #concerns(id: string): boolean {
    const shown = [...this.#shown.values()];
    if (shown.some((ids) => ids.has(id))) return true;
    const run = this.services.runs.get(id);
    return run === undefined || run.step === 0 || run.parents.some((parent) => shown.some((ids) => ids.has(parent)));
  }

  #redrawSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire();
    }, REDRAW_MS);
  }
}
