import * as vscode from 'vscode';
import type { Span } from './json-text';

/** A stretch of a document's text as the editor counts it. */
export const rangeOf = ({ start, end }: Span, document: vscode.TextDocument): vscode.Range => new vscode.Range(document.positionAt(start), document.positionAt(end));
