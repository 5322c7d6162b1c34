import * as path from 'node:path';
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { csvRows, csvText } from '../../report/csv-text';
import type { ExportAsk } from '../../../webview/protocol';

const KINDS = { png: 'PNG image', csv: 'CSV table' } as const;
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

/** Asks where to and writes a plot's picture or table. @returns the file; null when none was chosen. @throws SigdegError BAD_FILE, NO_ACCESS */
export async function saveExport(ask: ExportAsk): Promise<string | null> {
  const bytes = bytesOf(ask);
  const name = `${ask.name.replace(/[^\p{L}\p{N} ._-]+/gu, '-').replace(/^[. -]+|[. -]+$/g, '').slice(0, 80) || 'plot'}.${ask.format}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    filters: { [KINDS[ask.format]]: [ask.format] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : { defaultUri: vscode.Uri.file(path.resolve(name)) }),
  });
  if (target === undefined) return null;
  try {
    await vscode.workspace.fs.writeFile(target, bytes);
  } catch (error) {
    throw new SigdegError('NO_ACCESS', `${target.fsPath} could not be written: choose another folder, or free some space`, { cause: error });
  }
  return target.fsPath;
}

function bytesOf(ask: ExportAsk): Uint8Array {
  // Cells are made safe here whatever the page did with them.
  if (ask.format === 'csv') return new TextEncoder().encode(csvText(csvRows(ask.text)));
  if (!PNG_SIGNATURE.every((byte, i) => ask.bytes[i] === byte)) throw new SigdegError('BAD_FILE', 'the picture could not be drawn: try again, or export the table');
  return ask.bytes;
}
