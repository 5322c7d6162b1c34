/** Sample… and Evaluate…: what is asked, then one run of its own. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { SAMPLER_NAMES } from '../../jobs/sampler-names';
import { trainedSteps } from '../../jobs/trained-steps';
import { orCancelled } from '../failure';
import { startJob } from '../job-progress';
import { pickRuns } from '../pick-runs';
import { isModel } from '../run-filters';
import { askCondition } from './ask-condition';
import type { Services } from '../services';

const wholeNumbers = (text: string): string | undefined => (/^\s*[1-9]\d*(\s*,\s*[1-9]\d*)*\s*$/.test(text) ? undefined : 'Whole numbers, with commas between them: 5, 10');
const wholeNumber = (text: string): string | undefined => (/^\s*[1-9]\d*\s*$/.test(text) ? undefined : 'A whole number of at least 1');

export async function sample(services: Services, args: readonly unknown[]): Promise<void> {
  const [run] = await pickRuns(services, args, { fits: isModel, what: 'a finished teacher or student', title: 'Sample', many: false });
  const model = run!;
  const own = trainedSteps(model.config);
  const samplers = SAMPLER_NAMES.filter((name) => (name === 'sig-deg') === (model.kind === 'student'));
  const sampler = samplers.length === 1 ? samplers[0]! : orCancelled(await vscode.window.showQuickPick(samplers, { ignoreFocusOut: true, title: `Sample ${model.name}: sampler` }));
  const steps = own.length === 1 ? String(own[0]) : own.length > 1
    ? orCancelled(await vscode.window.showQuickPick(own.map(String), { ignoreFocusOut: true, title: `Sample ${model.name}: steps` }))
    : orCancelled(await vscode.window.showInputBox({ ignoreFocusOut: true, title: `Sample ${model.name}: steps`, value: '20', validateInput: wholeNumber })).trim();
  const condition = await askCondition(model, sampler);
  const n = orCancelled(await vscode.window.showInputBox({ ignoreFocusOut: true, title: `Sample ${model.name}: how many`, value: '64', validateInput: wholeNumber })).trim();
  await startJob(services, { title: `Sample ${model.name}`, words: ['sample', model.id, '--sampler', sampler, '--steps', steps, '--n', n, ...condition] }, async (job) => {
    const { out, seconds } = job.result as { out?: unknown; seconds?: unknown };
    const took = typeof seconds === 'number' ? ` in ${seconds.toFixed(1)} s` : '';
    const open = await vscode.window.showInformationMessage(`${n} samples, ${steps} steps of ${sampler}${took}.`, 'Show picture', 'Open panel');
    if (open === 'Show picture' && typeof out === 'string') await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path.resolve(out)));
    if (open === 'Open panel') await vscode.commands.executeCommand('sigdeg.openPanel', { runIds: job.runs });
  });
}

export async function evaluate(services: Services, args: readonly unknown[]): Promise<void> {
  const runs = await pickRuns(services, args, { fits: isModel, what: 'finished teachers or students of one teacher', title: 'Evaluate', many: true });
  const usual = [...new Set(runs.flatMap(({ config }) => trainedSteps(config)))].sort((a, b) => a - b);
  const steps = orCancelled(await vscode.window.showInputBox({ ignoreFocusOut: true, title: 'Evaluate (1/2): step counts', value: usual.length > 0 ? usual.join(', ') : '5, 10', validateInput: wholeNumbers, prompt: 'Of the solvers; a student runs at those that it was trained for' }));
  const n = orCancelled(await vscode.window.showInputBox({ ignoreFocusOut: true, title: 'Evaluate (2/2): samples a set', value: '4096', validateInput: wholeNumber })).trim();
  await startJob(services, { title: `Evaluate ${runs[0]!.name}`, words: ['evaluate', ...runs.map(({ id }) => id), '--steps', steps.replace(/\s/g, ''), '--n', n] });
}
