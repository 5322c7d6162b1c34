/** Previews inside experiment files. Costs nothing until one is opened. */
import * as vscode from 'vscode';
import { messageOf } from '../../core/errors';
import type { Services } from '../services';
import { isExperimentDocument } from './documents';

export function registerPreviews(services: Services): vscode.Disposable {
  const parts: vscode.Disposable[] = [];
  let begun = false;
  let disposed = false;
  const begin = async (document: vscode.TextDocument): Promise<void> => {
    if (begun || !isExperimentDocument(document)) return;
    begun = true;
    try {
      const { attachPreviews } = await import('./attach');
      if (!disposed) parts.push(attachPreviews(services));
    } catch (error) {
      services.log.error(`previews of experiment files: ${messageOf(error)}`);
    }
  };
  parts.push(vscode.workspace.onDidOpenTextDocument((document) => void begin(document)));
  for (const document of vscode.workspace.textDocuments) void begin(document);
  return new vscode.Disposable(() => {
    disposed = true;
    for (const part of parts) part.dispose();
  });
}
