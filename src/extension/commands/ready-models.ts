/** Add ready model: a teacher and students that ship become runs of this folder, to be sampled, compared and distilled further with nothing to train. */
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { addReadyModel, readyModels, teacherNameOf, type ReadyModel } from '../../jobs/ready-models';
import { trainedSteps } from '../../jobs/trained-steps';
import type { RunSummary } from '../../store/run';
import { orCancelled } from '../failure';
import type { Services } from '../services';
import { runsFolder } from '../settings';

export async function addReady(services: Services): Promise<void> {
  const models = readyModels();
  if (models.length === 0) throw new SigdegError('NOT_FOUND', 'no models came with this copy of the extension: install it anew');
  const items = models.map((model) => ({ label: `$(package) ${model.title}`, description: `teacher, and students for ${stepsOf(model)} steps`, model }));
  const { model } = orCancelled(await vscode.window.showQuickPick(items, { title: 'Add ready model', placeHolder: 'Trained models that came with the extension', ignoreFocusOut: true }));
  const { teacher, students } = await addReadyModel(runsFolder(services.context), model);
  services.runs.refresh();
  await services.runs.ready;
  const next = await vscode.window.showInformationMessage(`${model.title}: ${[teacher, ...students].map(({ name }) => name).join(', ')} are here.`, 'Sample…', 'Evaluate…');
  if (next === 'Sample…') await vscode.commands.executeCommand('sigdeg.sample', { runId: students.at(-1)!.id });
  if (next === 'Evaluate…') await vscode.commands.executeCommand('sigdeg.evaluate', { runIds: students.map(({ id }) => id) });
}

/** Those whose teacher is not among the runs yet. */
export const readyTeachers = ({ runs }: Services): ReadyModel[] => {
  const there = new Set(runs.all().map(({ name }) => name));
  return readyModels().filter(({ name }) => !there.has(teacherNameOf(name)));
};

/** Its teacher, as a run. */
export const addTeacher = async ({ context }: Services, model: ReadyModel): Promise<RunSummary> => (await addReadyModel(runsFolder(context), model)).teacher;

function stepsOf({ students }: ReadyModel): string {
  const counts = students.flatMap(({ config }) => trainedSteps(config));
  return counts.length === 1 ? String(counts[0]) : `${counts.slice(0, -1).join(', ')} or ${String(counts.at(-1))}`;
}
