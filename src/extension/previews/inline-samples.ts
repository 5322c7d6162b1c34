/** Draws each student's newest pictures and key figures at the end of the line of its steps. */
import * as vscode from 'vscode';
import type { DocumentState } from './document-state';
import { isExperimentDocument } from './documents';
import { inlineNotes, type InlineNote } from './inline-notes';

/** So long after the last keystroke. */
const TYPING_MS = 150;

export class InlineSamples implements vscode.Disposable {
  readonly #decoration = vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
  readonly #drawn = new WeakMap<vscode.TextEditor, string>();
  readonly #parts: vscode.Disposable[];
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
    const notes = inlineNotes(this.state.text(document), this.state.matches(document), this.state.figures, lineHeight(document) - 3);
    const decorations = notes.flatMap((note) => decorationsOf(note, document));
    const drawn = JSON.stringify(decorations);
    if (this.#drawn.get(editor) === drawn) return;
    this.#drawn.set(editor, drawn);
    editor.setDecorations(this.#decoration, decorations);
  }
}

function decorationsOf({ at, pictures, text }: InlineNote, document: vscode.TextDocument): vscode.DecorationOptions[] {
  const { end } = document.lineAt(document.positionAt(at).line).range;
  const range = new vscode.Range(end, end);
  const pictured = pictures.map((address, i): vscode.DecorationOptions => ({
    range,
    renderOptions: { after: { contentIconPath: vscode.Uri.parse(address), margin: i === 0 ? '0 0 0 1.5em' : '0 0 0 2px', textDecoration: CENTRED } },
  }));
  if (text === '') return pictured;
  const noted: vscode.DecorationOptions = {
    range,
    renderOptions: { after: { contentText: text, color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: pictures.length === 0 ? '0 0 0 1.5em' : '0 0 0 0.75em', fontStyle: 'normal' } },
  };
  return [...pictured, noted];
}

/** A picture stands on the text's baseline by itself, which moves the text of a line that it fills; the API has no word for another alignment. */
const CENTRED = 'none; vertical-align: middle';

/** As the editor computes it: 0 means by the font's size, a small number a multiple of it. */
function lineHeight(document: vscode.TextDocument): number {
  const editor = vscode.workspace.getConfiguration('editor', document);
  const fontSize = editor.get('fontSize', 14);
  const set = editor.get('lineHeight', 0);
  const pixels = set === 0 ? 1.35 * fontSize : set < 8 ? set * fontSize : set;
  return Math.max(8, Math.round(pixels));
}
