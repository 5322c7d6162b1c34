/** What the editor holds of a file on disk: not of another side of a comparison or of source control, whose path is the same. */
import * as vscode from 'vscode';
import { SigdegError } from '../core/errors';

export const openDocument = (file: string): vscode.TextDocument | undefined => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === file);

/** Saves what the editor holds of a file, so that what is read from the disk is what the user sees. @throws SigdegError NO_ACCESS */
export async function saveFirst(file: string): Promise<void> {
  const open = openDocument(file);
  if (open?.isDirty === true && !(await open.save())) throw new SigdegError('NO_ACCESS', `${file} has changes that could not be saved: save it by hand and try again`);
}
