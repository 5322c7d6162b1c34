/** All previews of experiment files; loaded when the first such file is opened. */
import * as vscode from 'vscode';
import type { Services } from '../services';
import { ProblemReporter, QuickFixes } from './diagnostics';
import { DocumentState } from './document-state';
import { EXPERIMENT_DOCUMENTS } from './documents';
import { HoverProvider } from './hover-provider';
import { InlineSamples } from './inline-samples';
import { LensProvider } from './lens-provider';

export function attachPreviews(services: Services): vscode.Disposable {
  const state = new DocumentState(services);
  return vscode.Disposable.from(
    state,
    new ProblemReporter(),
    new InlineSamples(state),
    vscode.languages.registerCodeLensProvider(EXPERIMENT_DOCUMENTS, new LensProvider(state)),
    vscode.languages.registerHoverProvider(EXPERIMENT_DOCUMENTS, new HoverProvider(state)),
    vscode.languages.registerCodeActionsProvider(EXPERIMENT_DOCUMENTS, new QuickFixes(), { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
  );
}
