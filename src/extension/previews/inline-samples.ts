/** Draws each student's newest pictures and key figures at the end of the line of its steps. */
import * as vscode from 'vscode';
import type { DocumentState } from './document-state';
import { isExperimentDocument } from './documents';
import { InlineNotes, type InlineNote } from './inline-notes';

/** So long after the last keystroke. */
const TYPING_MS = 150;

export class InlineSamples implements vscode.Disposable {
  readonly #decoration = vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
  readonly #notes = new InlineNotes();
  readonly #drawn = new WeakMap<vscode.TextEditor, string>();
  readonly #parts: { dispose(): unknown }[];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly state: DocumentState) {
    this.#parts = [
      this.#decoration,
      state.onDidChange(() => { this.#drawAll(); }),
      vscode.window.onDidChangeVisibleTextEditors(() => { this.#drawAll(); }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (!isExperimentDocument(document)) return;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => { this.#drawAll(); }, TYPING_MS);
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('editor.lineHeight') || change.affectsConfiguration('editor.fontSize')) this.#drawAll();
      }),
    ];
    this.#drawAll();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const part of this.#parts) part.dispose();
  }

  #drawAll(): void {
    for (const editor of vscode.window.visibleTextEditors) if (isExperimentDocument(editor.document)) this.#draw(editor);
  }

  #draw(editor: vscode.TextEditor): void {
    const { document } = editor;
    const notes = this.#notes.notes(this.state.text(document), this.state.matches(document), this.state.figures, lineHeight(document) - 2);
    const decorations = notes.map((note) => decorationOf(note, document));
    const drawn = JSON.stringify(decorations);
    if (this.#drawn.get(editor) === drawn) return;
    this.#drawn.set(editor, drawn);
    editor.setDecorations(this.#decoration, decorations);
  }
}

/** The picture before the end of the line and the text after it, so that they keep their order. */
function decorationOf({ at, picture, text }: InlineNote, document: vscode.TextDocument): vscode.DecorationOptions {
  const { end } = document.lineAt(document.positionAt(at).line).range;
  return {
    range: new vscode.Range(end, end),
    renderOptions: {
      ...(picture === undefined ? {} : { before: { contentIconPath: vscode.Uri.parse(picture), margin: '0 0 0 1.5em', textDecoration: CENTRED } }),
      ...(text === '' ? {} : { after: { contentText: text, color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: picture === undefined ? '0 0 0 1.5em' : '0 0 0 0.75em' } }),
    },
  };
}

/** A picture stands on the text's baseline by itself, which moves the text of a line that it fills; the API has no word for another alignment. */
const CENTRED = 'none; vertical-align: middle';

/** As the editor computes it: 0 means by the font's size, a small number a multiple of it. */
function lineHeight(document: vscode.TextDocument): number {
  const editor = vscode.workspace.getConfiguration('editor', document);
  const fontSize = editor.get<number>('fontSize', 14);
  const set = editor.get<number>('lineHeight', 0);
  const pixels = set === 0 ? 1.35 * fontSize : set < 8 ? set * fontSize : set;
  return Math.max(8, Math.round(pixels));
}
