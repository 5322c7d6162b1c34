/** Which class, and how strongly guided: asked where a model knows classes. */
import * as vscode from 'vscode';
import { classesOf, guidanceRangeOf, usualGuidance } from '../../jobs/condition';
import type { Common } from '../../jobs/setup';
import type { RunSummary } from '../../store/run';
import { orCancelled } from '../failure';

/** The command line's words for it; none for an unconditional model. @throws SigdegError when the data, which name the classes, are gone */
export async function askCondition(model: RunSummary, sampler: string): Promise<string[]> {
  const config = model.config as unknown as Common;
  const classes = classesOf(config);
  if (classes === undefined) return [];
  const all = { label: 'All classes', description: 'one after the other', word: 'all' };
  const picked = orCancelled(await vscode.window.showQuickPick([all, ...classes.map((label, i) => ({ label, description: label === String(i) ? '' : `class ${i}`, word: String(i) }))], { ignoreFocusOut: true, title: `Sample ${model.name}: class` }));
  const range = guidanceRangeOf(config, sampler);
  const wrong = (text: string): string | undefined => {
    const value = Number(text);
    const [least, most] = range ?? [0, Infinity];
    if (text.trim() !== '' && Number.isFinite(value) && value >= least && value <= most) return undefined;
    return range ? `A number from ${least} to ${most}, which is what the student was taught` : 'A number of at least 0';
  };
  const guidance = orCancelled(await vscode.window.showInputBox({ ignoreFocusOut: true, title: `Sample ${model.name}: guidance scale`, prompt: '1: as the class is; more: what is typical of it', value: String(usualGuidance(range)), validateInput: wrong }));
  return ['--class', picked.word, '--guidance', guidance.trim()];
}
