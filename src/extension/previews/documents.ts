import type * as vscode from 'vscode';

/** Experiment files on disk; not those of a comparison's other side or of source control. */
export const EXPERIMENT_DOCUMENTS: vscode.DocumentFilter = { scheme: 'file', pattern: '**/*.sigdeg.json' };

export const isExperimentDocument = ({ uri }: vscode.TextDocument): boolean => uri.scheme === 'file' && uri.path.endsWith('.sigdeg.json');
