/** The experiment files that are open, each read once a version, matched with the runs; tells when what is drawn in them has changed. */
import * as vscode from 'vscode';
import type { Services } from '../services';
import { readExperimentText, type ExperimentText } from './experiment-text';
import { isExperimentDocument } from './documents';
import { matchRuns, type MatchedRuns } from './matching';
import { RunFigures, type Figures } from './run-figures';

/** Live figures are drawn anew at most so often: a lens that changes more often cannot be clicked. */
const REDRAW_MS = 750;

export class DocumentState implements vscode.Disposable {
  readonly figures: Figures;
  readonly #texts = new WeakMap<vscode.TextDocument, { version: number; text: ExperimentText }>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #parts: { dispose(): unknown }[];
  #timer: NodeJS.Timeout | undefined;

  /** Runs have changed, come or gone while an experiment file is shown; or the folder has become trusted. */
  readonly onDidChange = this.#changed.event;

  constructor(private readonly services: Services) {
    const read = new RunFigures();
    this.figures = { pace: (run) => read.pace(run), picture: (run) => read.picture(run), rows: (run) => services.runs.rows(run.id) };
    const unfollow = services.runs.onChange((ids) => {
      read.changed(ids);
      // A file that is shown later asks for itself.
      if (vscode.window.visibleTextEditors.some(({ document }) => isExperimentDocument(document))) this.#redrawSoon();
    });
    this.#parts = [
      this.#changed,
      { dispose: unfollow },
      vscode.workspace.onDidGrantWorkspaceTrust(() => { this.#redrawSoon(); }),
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
    return matchRuns(this.text(document), this.services.runs.all());
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const part of this.#parts) part.dispose();
  }

  #redrawSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire();
    }, REDRAW_MS);
  }
}
