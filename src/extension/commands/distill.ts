/** Distill model: from nothing to a running job in three choices (source, step counts, name). An experiment file given to it runs as it is. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { stepCounts, withSteps } from '../../jobs/new-experiment';
import { checkFile, freeName, isExperimentName, nameProblem, writeExperiment } from '../../jobs/experiment-drafts';
import { stemOf } from '../../jobs/experiment-file';
import { Cancelled, orCancelled } from '../failure';
import { startJob } from '../job-progress';
import { saveFirst } from '../open-document';
import type { Services } from '../services';
import { workFolder } from '../settings';
import { targetRuns } from '../targets';
import { ensureData } from './missing-data';
import { pickSource, sourceOf, type Source } from './sources';

const STEP_CHOICES = [1, 2, 3, 5, 10, 20];
const TITLE = 'Distill model';

export async function distillModel(services: Services, args: readonly unknown[]): Promise<void> {
  const [target] = args;
  if (target instanceof vscode.Uri && isExperimentName(target.fsPath)) {
    await distillFile(services, target.fsPath);
    return;
  }
  await services.runs.ready;
  const [run] = targetRuns(services, args);
  const folder = workFolder(services.context);
  const source = sourceOf(target instanceof vscode.Uri ? target : run, folder) ?? await pickSource(services, folder);
  const steps = await pickSteps(source);
  const { experiment, name } = await pickName(source, steps, folder);
  const file = path.join(source.file === undefined ? folder : path.dirname(source.file), `${name}.sigdeg.json`);
  if (experiment !== undefined) writeExperiment(file, experiment);
  await distillFile(services, experiment === undefined ? source.file! : file);
}

/** Saved first, checked before anything starts. */
async function distillFile(services: Services, file: string): Promise<void> {
  await saveFirst(file);
  try {
    checkFile(file);
    await ensureData(services, file);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    // Opened, so that the places of its problems are seen.
    if (fs.existsSync(file)) await vscode.window.showTextDocument(vscode.Uri.file(file));
    throw error;
  }
  await startJob(services, { title: stemOf(file), words: ['distill', file] });
}

async function pickSteps(source: Source): Promise<number[]> {
  const preset = stepCounts(source.experiment);
  const choices = [...new Set([...STEP_CHOICES, ...preset])].sort((a, b) => a - b);
  const items = choices.map((count) => ({ label: count === 1 ? '1 step' : `${count} steps`, description: count === 1000 ? '' : `${Math.round(1000 / count)} times fewer than 1000`, picked: preset.includes(count), count }));
  const picked = orCancelled(await vscode.window.showQuickPick(items, { title: `${TITLE} (2/3): step counts`, placeHolder: 'One student for each', canPickMany: true, ignoreFocusOut: true }));
  if (picked.length === 0) throw new SigdegError('BAD_USAGE', 'expected at least one step count, found none chosen');
  return picked.map(({ count }) => count);
}

/** The name, and the experiment to write; none where a file of the folder runs as it is. */
async function pickName(source: Source, steps: readonly number[], folder: string): Promise<{ name: string; experiment?: ReturnType<typeof withSteps> }> {
  const target = source.file === undefined ? folder : path.dirname(source.file);
  const asItIs = source.file !== undefined && String(stepCounts(source.experiment)) === String(steps);
  const own = source.file === undefined ? undefined : stemOf(source.file);
  const name = orCancelled(await vscode.window.showInputBox({
    title: `${TITLE} (3/3): name`, ignoreFocusOut: true,
    prompt: asItIs ? 'Another name makes a copy of the file' : `NAME.sigdeg.json is written to ${target}`,
    value: asItIs ? own! : freeName(target, source.name),
    validateInput: (text) => (asItIs && text.trim() === own ? undefined : nameProblem(target, text)),
  })).trim();
  if (asItIs && name === own) return { name };
  fs.mkdirSync(target, { recursive: true });
  return { name, experiment: withSteps(source.experiment, steps) };
}
