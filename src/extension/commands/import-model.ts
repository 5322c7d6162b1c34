/** Import model…: a folder of diffusers or an ONNX file becomes a teacher. What the file tells is not asked; what the command line asks for then is, one choice after the other. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { PREDICTIONS } from '../../diffusion/predictions';
import { ONNX_LAYOUTS, ONNX_TIMES, SCHEDULE_NAMES } from '../../jobs/onnx-choices';
import { Cancelled, orCancelled, showFailure } from '../failure';
import { namesIn, questionOf, type Question } from '../import-questions';
import { runJob } from '../job-progress';
import type { Services } from '../services';

export async function importModel(services: Services, [given]: readonly unknown[]): Promise<void> {
  const file = given instanceof vscode.Uri ? given.fsPath : await pickModel();
  const title = `Import ${path.basename(file)}`;
  const words = ['import', file];
  const asked = new Set<Question>();
  for (;;) {
    const job = await runJob(services, { title, words: [...words] });
    if (job.state === 'stopped') throw new Cancelled();
    if (job.state !== 'failed') return imported(title, job.result);
    const error = job.error ?? 'failed';
    const question = questionOf(error);
    // The same once more: the answer did not fit.
    if (question === undefined || asked.has(question)) return showFailure(services, title, error);
    asked.add(question);
    words.push(...await ASK[question](title, error));
  }
}

async function pickModel(): Promise<string> {
  const { folder } = orCancelled(await vscode.window.showQuickPick([
    { label: '$(folder) Folder of diffusers…', description: 'what save_pretrained wrote: a DDPMPipeline or a UNet2DModel', folder: true },
    { label: '$(file-binary) ONNX file…', description: 'any denoiser; its students start from scratch', folder: false },
  ], { title: 'Import model', ignoreFocusOut: true }));
  const [uri] = orCancelled(await vscode.window.showOpenDialog({
    title: folder ? 'A folder of diffusers' : 'An ONNX file', openLabel: 'Import', canSelectMany: false, canSelectFiles: !folder, canSelectFolders: folder, ...(folder ? {} : { filters: { 'ONNX models': ['onnx'] } }),
  }));
  return orCancelled(uri).fsPath;
}

type Ask = (title: string, error: string) => Promise<string[]>;

async function pick(title: string, placeHolder: string, items: readonly { label: string; description?: string }[]): Promise<string> {
  return orCancelled(await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true, matchOnDescription: true })).label;
}

const MEANING: Readonly<Record<(typeof PREDICTIONS)[number] | (typeof ONNX_TIMES)[number], string>> = {
  v: 'alpha eps − sigma x0', epsilon: 'the noise', x0: 'the clean item', flow: 'eps − x0', edm: "F of EDM's preconditioning, at unit variance",
  index: 'of a training step, 0 is the cleanest', t: '0 is data, 1 is noise', sigma: 'the noise level', 'c-noise': "EDM's ¼ log sigma", 'log-snr': 'log alpha²/sigma²', embedding: "this program's own features",
};
const meant = (choices: readonly (keyof typeof MEANING)[]): { label: string; description: string }[] => choices.map((label) => ({ label, description: MEANING[label] }));
const SCHEDULER_FILE = 'scheduler_config.json…';

const ASK: Readonly<Record<Question, Ask>> = {
  class: async (title) => ['--class', orCancelled(await vscode.window.showInputBox({ title, prompt: 'Which class is drawn, by its number', value: '0', ignoreFocusOut: true, validateInput: (text) => (/^\s*\d+\s*$/.test(text) ? undefined : 'A whole number of at least 0') })).trim()],
  'input-names': async (title, error) => {
    const inputs = namesIn(error, 'inputs').map(({ name, detail }) => ({ label: name, description: detail }));
    const x = await pick(title, 'Which input takes the noisy item?', inputs);
    return ['--input-names', `x=${x},time=${await pick(title, 'Which input is told the time?', inputs.filter(({ label }) => label !== x))}`];
  },
  'output-name': async (title, error) => ['--output-name', await pick(title, 'Which output predicts?', namesIn(error, 'outputs').map(({ name, detail }) => ({ label: name, description: detail })))],
  shape: async (title) => ['--shape', orCancelled(await vscode.window.showInputBox({ title, prompt: 'Height, width and channels of an item, or the length of a vector', value: '32,32,3', ignoreFocusOut: true, validateInput: (text) => (/^\s*\d+(\s*,\s*\d+){0,2}\s*$/.test(text) ? undefined : 'Whole numbers with commas: 28,28,1') })).trim()],
  layout: async (title) => ['--layout', await pick(title, 'Where has it its channels?', ONNX_LAYOUTS.map((label) => ({ label, description: label === 'nchw' ? 'before height and width, as in PyTorch' : 'last, as in TensorFlow' })))],
  schedule: async (title) => {
    const name = await pick(title, 'At which noise levels was it trained?', [{ label: SCHEDULER_FILE, description: 'as diffusers wrote it: schedule, prediction and clip' }, ...SCHEDULE_NAMES.map((label) => ({ label }))]);
    if (name === SCHEDULER_FILE) {
      const [uri] = orCancelled(await vscode.window.showOpenDialog({ title: 'A scheduler_config.json', openLabel: 'Use', canSelectMany: false, filters: { JSON: ['json'] } }));
      return ['--scheduler', orCancelled(uri).fsPath];
    }
    const usual = ['vp-linear', 'cosine'].includes(name) ? name : `${name},betaStart=0.0001,betaEnd=0.02,trainSteps=1000`;
    return ['--schedule', orCancelled(await vscode.window.showInputBox({ title, prompt: 'The schedule, with what is not as usual', value: usual, ignoreFocusOut: true })).trim()];
  },
  prediction: async (title) => ['--prediction', await pick(title, 'What does it predict?', meant(PREDICTIONS))],
  time: async (title) => ['--time', await pick(title, 'What is it told of the time?', meant(ONNX_TIMES))],
};

async function imported(title: string, result: unknown): Promise<void> {
  const { teacher, name, sound } = (result ?? {}) as { teacher?: unknown; name?: unknown; sound?: unknown };
  const quality = sound === true ? 'denoises better than a linear filter at every level' : 'denoises worse than a linear filter at some levels: is it trained, and were the answers the right ones?';
  const next = await vscode.window.showInformationMessage(`${title}: the teacher «${String(name)}» ${quality}.`, 'Distill…');
  if (next === 'Distill…') await vscode.commands.executeCommand('sigdeg.distillModel', { runId: teacher });
}
