/** Export model…: a trained teacher or student for other programs, by the command line's `export` as a job. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { EXPORT_FORMATS, EXPORTS } from '../../jobs/export/formats';
import { orCancelled } from '../failure';
import { startJob } from '../job-progress';
import { pickRuns } from '../pick-runs';
import { isModel } from '../run-filters';
import type { Services } from '../services';
import { workFolder } from '../settings';

export async function exportModel(services: Services, args: readonly unknown[]): Promise<void> {
  const [run] = await pickRuns(services, args.slice(0, 1), { fits: isModel, what: 'a finished teacher or student', title: 'Export model', many: false });
  const { id, kind, name } = run!;
  // Numbers and pictures have a command of their own.
  const formats = EXPORT_FORMATS.filter((format) => EXPORTS[format].kinds.includes(kind) && format !== 'csv');
  const { format } = orCancelled(await vscode.window.showQuickPick(formats.map((each) => ({ label: EXPORTS[each].title, description: each, format: each })), { title: `Export ${name}: as what`, ignoreFocusOut: true }));
  const { suffix } = EXPORTS[format];
  const proposed = vscode.Uri.file(path.join(workFolder(services.context), suffix === '' ? `${name}-${format}` : `${name}${suffix}`));
  const out = orCancelled(await vscode.window.showSaveDialog({ title: suffix === '' ? 'Export to a folder of this name' : 'Export', defaultUri: proposed })).fsPath;
  await startJob(services, { title: `Export ${name}`, words: ['export', id, '--to', format, '--out', out] }, async () => {
    const open = await vscode.window.showInformationMessage(`Exported to ${out}`, 'Copy path');
    if (open === 'Copy path') await vscode.env.clipboard.writeText(out);
  });
}
