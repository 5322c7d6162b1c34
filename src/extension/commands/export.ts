/** Reveal run folder and Export…: what a run's folder has, and its numbers as CSV. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { readEvents } from '../../store/events';
import { evaluationCsv, scalarCsv } from '../../report/csv';
import type { RunSummary } from '../../store/run';
import { orCancelled } from '../failure';
import { pickRuns } from '../pick-runs';
import { isAny } from '../run-filters';
import type { Services } from '../services';
import { damagedFolder } from '../targets';

export async function revealFolder(services: Services, args: readonly unknown[]): Promise<void> {
  const dir = damagedFolder(services, args[0]) ?? (await pickRuns(services, args.slice(0, 1), { fits: isAny, what: 'a run', title: 'Reveal run folder', many: false }))[0]!.dir;
  const folder = vscode.Uri.file(dir);
  // A file manager shows what is on its own machine: not what a remote or a browser's window works on.
  if (vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop) await vscode.commands.executeCommand('revealFileInOS', folder);
  else if (vscode.workspace.getWorkspaceFolder(folder) !== undefined) await vscode.commands.executeCommand('revealInExplorer', folder);
  else if ((await vscode.window.showInformationMessage(`The run's folder is ${dir}`, 'Copy path')) === 'Copy path') await vscode.env.clipboard.writeText(dir);
}

interface Export extends vscode.QuickPickItem {
  readonly file: string;
  readonly content: () => Uint8Array | string;
}

export async function exportRuns(services: Services, args: readonly unknown[]): Promise<void> {
  const runs = await pickRuns(services, args, { fits: isAny, what: 'runs to export', title: 'Export', many: true });
  const choices = [...numbers(runs), ...runs.flatMap(filesOf)];
  if (choices.length === 0) throw new SigdegError('NOT_FOUND', `${runs.map(({ id }) => id).join(', ')}: no numbers, pictures or reports yet`);
  const { file, content } = orCancelled(await vscode.window.showQuickPick(choices, { title: 'Export: what', matchOnDescription: true, ignoreFocusOut: true }));
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = orCancelled(await vscode.window.showSaveDialog({ title: 'Export', ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, file) }) }));
  const bytes = content();
  await vscode.workspace.fs.writeFile(target, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
  const open = await vscode.window.showInformationMessage(`Exported to ${target.fsPath}`, 'Open');
  if (open === 'Open') await vscode.commands.executeCommand('vscode.open', target);
}

function numbers(runs: readonly RunSummary[]): Export[] {
  const events = runs.flatMap(({ id, dir }) => readEvents(dir).map((event) => ({ run: id, event })));
  const rows = events.flatMap(({ event }) => (event.type === 'eval' ? [event.row] : []));
  const scalars = events.flatMap(({ run, event }) => (event.type === 'scalar' ? [{ run, ...event }] : []));
  return [
    ...(rows.length === 0 ? [] : [{ label: '$(table) Measured rows as CSV', description: `${rows.length} rows`, file: 'evaluation.csv', content: () => evaluationCsv(rows) }]),
    ...(scalars.length === 0 ? [] : [{ label: '$(table) Loss curves as CSV', description: `${scalars.length} rows`, file: 'losses.csv', content: () => scalarCsv(scalars) }]),
  ];
}

/** Reports, pictures and raw samples; links lead elsewhere and are passed over. */
function filesOf({ id, dir }: RunSummary): Export[] {
  return ['', 'samples', 'report'].flatMap((folder) => {
    const where = path.join(dir, folder);
    const entries = fs.existsSync(where) ? fs.readdirSync(where, { withFileTypes: true }) : [];
    return entries.filter((entry) => entry.isFile() && /\.(html|png|svg|npy|safetensors)$/.test(entry.name)).map(({ name }): Export => {
      const icon = name.endsWith('.html') ? '$(book)' : name.endsWith('.png') || name.endsWith('.svg') ? '$(file-media)' : '$(file-binary)';
      return { label: `${icon} ${path.posix.join(folder, name)}`, description: id, file: `${id}-${name}`, content: () => fs.readFileSync(path.join(where, name)) };
    });
  });
}
