/** Tells what went wrong: the coded line, and what can be done about it. */
import * as vscode from 'vscode';
import { messageOf, SigdegError } from '../core/errors';
import { diskError } from '../store/disk-error';
import type { Services } from './services';

/** An error's own words; what is no SigdegError is a bug and says so. */
export function failureText(error: unknown): string {
  const known = diskError(error);
  return known instanceof SigdegError ? `${known.code}: ${known.message}` : `INTERNAL: ${messageOf(known)} (a bug; the log shows where)`;
}

/** @param retry does the same again, where that may help. */
export async function showFailure({ log }: Pick<Services, 'log'>, title: string, text: string, retry?: () => unknown): Promise<void> {
  const remedies: Record<string, () => unknown> = {
    ...(retry === undefined ? {} : { [text.startsWith('RUN_LOST') ? 'Resume' : 'Retry']: retry }),
    ...(text.startsWith('NO_ACCESS') && !vscode.workspace.isTrusted ? { 'Manage Trust': () => vscode.commands.executeCommand('workbench.trust.manage') } : {}),
    ...(text.startsWith('NOT_FOUND') && text.includes('sigdeg.nodePath') ? { 'Open Setting': () => vscode.commands.executeCommand('workbench.action.openSettings', 'sigdeg.nodePath') } : {}),
    ...(text.includes('runtime install --onnx') ? { 'Install ONNX engine': () => vscode.commands.executeCommand('sigdeg.installOnnxEngine') } : {}),
    ...(text.startsWith('BAD_CONFIG') ? { 'Show Problems': () => vscode.commands.executeCommand('workbench.actions.view.problems') } : {}),
    'Open log': () => { log.show(); },
  };
  const chosen = await vscode.window.showErrorMessage(`${title}: ${text}`, ...Object.keys(remedies));
  if (chosen !== undefined) await remedies[chosen]?.();
}

/** The user went back: nothing to do and nothing to say. */
export class Cancelled extends Error {}

export function orCancelled<T>(value: T | undefined): T {
  if (value === undefined) throw new Cancelled();
  return value;
}
