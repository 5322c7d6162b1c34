/** Every command that the whole way of `distill.e2e.ts` does not take, as a user gives it: palette, tree, experiment file, panel; and what each leaves on the disk. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { encodeNpy } from '../../src/formats/npy';
import { listRuns, type RunKind, type RunSummary } from '../../src/store/run';
import { useEditor } from './editor/editor';
import { PanelPage } from './editor/panel-page';
import { APPEARS_MS } from './editor/workbench';
import { distilled, writeSmall } from './experiments';

/** Longer than any test waits: what runs so long is stopped by the test. */
const LONG = 400_000;
const patient = { timeout: 60_000, interval: 200 } as const;

/** Eight by eight pixels in the format of MNIST's files. */
function writeDigits(folder: string): void {
  fs.mkdirSync(folder);
  const head = Buffer.from([0, 0, 8, 3, 0, 0, 0, 64, 0, 0, 0, 8, 0, 0, 0, 8]);
  fs.writeFileSync(path.join(folder, 'train-images-idx3-ubyte'), Buffer.concat([head, Buffer.from(Uint8Array.from({ length: 64 * 64 }, (_, i) => (i * 37) % 256))]));
}

const editor = useEditor('commands', {
  prepare: (workspace) => {
    const inside = (name: string): string => path.join(workspace, name);
    distilled(workspace, writeSmall(inside('tiny.sigdeg.json'), 60));
    writeSmall(inside('long.sigdeg.json'), LONG);
    writeSmall(inside('later.sigdeg.json'), LONG + 1);
    writeSmall(inside('broken.sigdeg.json'), 60, { depth: -4 });
    fs.writeFileSync(inside('points.npy'), encodeNpy({ shape: [300, 2], data: Float32Array.from({ length: 600 }, (_, i) => Math.sin(i)) }));
    writeDigits(inside('digits'));
  },
  settings: { 'sigdeg.engine': 'wasm' },
});
const panel = (): PanelPage => new PanelPage(editor().page);
const inWorkspace = (...words: string[]): string => path.join(editor().profile.workspace, ...words);
const runs = (): RunSummary[] => listRuns(inWorkspace('.sigdeg', 'runs'));
const newest = (kind: RunKind): RunSummary => {
  const found = runs().find((run) => run.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind} run`);
  return found;
};
/** Of an experiment. */
const teacherOf = (name: string): RunSummary | undefined => runs().find((run) => run.kind === 'teacher' && run.name === name);
const json = (file: string): unknown => JSON.parse(fs.readFileSync(inWorkspace(file), 'utf8'));

/** Picks runs in a list that takes several. */
async function pick(...ids: string[]): Promise<void> {
  const { workbench } = editor();
  for (const id of ids) await workbench.choose(id);
  await workbench.input.press('Enter');
}

async function stopAll(): Promise<void> {
  const { workbench } = editor();
  await workbench.run('Sig-DEG: Stop');
  await expect.poll(() => editor().jobs(), patient).toEqual([]);
  await workbench.clearNotifications();
}

test('Sample… asks how many, and shows their picture', async () => {
  const { workbench } = editor();
  await workbench.showTree();
  await workbench.run('Sig-DEG: Sample…');
  await workbench.choose(newest('student').id);
  await workbench.answer(/: how many/, '16');
  const said = workbench.notification(/16 samples, 2 steps of sig-deg in \d/);
  await said.waitFor({ timeout: 60_000 });
  await said.getByRole('button', { name: 'Show picture' }).click();
  await workbench.editorTab(/\.png/).waitFor({ timeout: APPEARS_MS });
  expect(newest('samples')).toMatchObject({ state: 'done', parents: [newest('student').id] });
});

test('Evaluate… asks for step counts and samples, and measures', async () => {
  const { workbench } = editor();
  const before = newest('evaluation').id;
  await workbench.run('Sig-DEG: Evaluate…');
  await pick(newest('student').id);
  await workbench.answer('Evaluate (1/2)', '2, 4');
  await workbench.answer('Evaluate (2/2)', '64');
  await workbench.notification(/Evaluate .*: done/).waitFor({ timeout: 90_000 });
  expect(newest('evaluation').id).not.toBe(before);
  expect(newest('evaluation').state).toBe('done');
  await workbench.clearNotifications();
});

test('Clone… copies the experiment behind a run under a new name', async () => {
  const { workbench } = editor();
  await workbench.run('Sig-DEG: Clone…');
  await pick(newest('teacher').id);
  await workbench.answer('Clone: name', 'copy');
  await workbench.editorTab('copy.sigdeg.json').waitFor({ timeout: APPEARS_MS });
  expect(json('copy.sigdeg.json')).toEqual(json('tiny.sigdeg.json'));
});

test('New experiment from template writes a file without problems', async () => {
  const { workbench, page } = editor();
  await workbench.run('Sig-DEG: New experiment from template…');
  await workbench.choose('checkerboard');
  await workbench.answer('New experiment (2/2)', 'mine');
  await workbench.editorTab('mine.sigdeg.json').waitFor({ timeout: APPEARS_MS });
  await workbench.lens('Distill').waitFor({ timeout: APPEARS_MS });
  expect(json('mine.sigdeg.json')).toHaveProperty('dataset.name', 'checkerboard');
  expect(await page.locator('.squiggly-error').count()).toBe(0);
});

test('Export… writes every kind of file that it offers', async () => {
  const { workbench } = editor();
  const exported = [newest('evaluation'), newest('student'), newest('samples')].map(({ id }) => id);
  const open = async (): Promise<void> => {
    await workbench.run('Sig-DEG: Export…');
    await pick(...exported);
    await workbench.choices('Measured rows as CSV').waitFor({ timeout: APPEARS_MS });
  };
  await open();
  await editor().screenshot('commands-export');
  const offered = (await workbench.choices().locator('.label-name').allInnerTexts()).map((label) => label.trim())
    // What stands beside a name, a count or a run's id, begins with a number.
    .filter((label) => /^\D/.test(label));
  await workbench.dismiss();
  // One of each kind.
  const kinds = new Map(offered.map((label) => [/\.\w+$/.exec(label)?.[0] ?? label, label]));
  expect([...kinds.keys()]).toEqual(expect.arrayContaining(['Measured rows as CSV', 'Loss curves as CSV', '.html', '.png']));
  const files = new Map<string, string>();
  for (const [kind, label] of kinds) {
    await open();
    await workbench.choose(label);
    const dialog = await workbench.fileDialog(/^Export$/);
    await dialog.getByRole('button', { name: 'OK' }).click();
    const said = workbench.notification(/Exported to/);
    await said.waitFor({ timeout: APPEARS_MS });
    const file = /Exported to (\S+)/.exec(await said.innerText())![1]!;
    expect(path.dirname(file)).toBe(inWorkspace());
    expect(fs.statSync(file).size).toBeGreaterThan(50);
    files.set(kind, file);
    await workbench.clearNotifications();
  }
  const start = (kind: string, bytes: number): string => fs.readFileSync(files.get(kind)!).subarray(0, bytes).toString('latin1');
  expect(start('.png', 8)).toBe('\x89PNG\r\n\x1a\n');
  expect(start('.html', 15).toLowerCase()).toBe('<!doctype html>');
  expect(start('.safetensors', 9).slice(8)).toBe('{');
  const lines = (kind: string): string[] => fs.readFileSync(files.get(kind)!, 'utf8').trim().split(/\r?\n/);
  expect(lines('Measured rows as CSV')[0]).toMatch(/sampler.*steps.*value/);
  expect(lines('Loss curves as CSV').slice(1).length).toBeGreaterThan(5);
});

/** From the choice of a source to the running job, with what the wizard proposes. */
async function distil(choose: () => Promise<void>, name: string): Promise<void> {
  const { workbench } = editor();
  await workbench.run('Sig-DEG: Distill model');
  await choose();
  await workbench.answer('Distill model (2/3)');
  await workbench.answer('Distill model (3/3)', name);
  await expect.poll(() => editor().jobs().length, patient).toBeGreaterThan(0);
}

test('a .npy file is distilled', async () => {
  const { workbench } = editor();
  await distil(async () => {
    await workbench.choose('Data file…');
    await workbench.fileDialog(/\.npy array/);
    await workbench.choose('points.npy');
  }, 'from-file');
  await expect.poll(() => teacherOf('from-file')?.state, patient).toBe('running');
  expect(json('from-file.sigdeg.json')).toMatchObject({ dataset: { name: 'npy', path: 'points.npy' }, teacher: { net: { kind: 'mlp' } } });
  await stopAll();
});

test('a folder of images is distilled', async () => {
  const { workbench } = editor();
  await distil(async () => {
    await workbench.choose('Data folder…');
    const dialog = await workbench.fileDialog(/laid out like MNIST/);
    await workbench.choose('digits');
    await expect.poll(() => workbench.input.inputValue(), patient).toMatch(/digits\/?$/);
    await dialog.getByRole('button', { name: /^(OK|Distill)$/ }).click();
  }, 'from-folder');
  await expect.poll(() => teacherOf('from-folder')?.state, patient).toBe('running');
  expect(json('from-folder.sigdeg.json')).toMatchObject({ dataset: { name: 'idx', path: 'digits' }, teacher: { net: { kind: 'unet' } } });
  await stopAll();
});

test('a teacher that is there is used again', async () => {
  const { workbench } = editor();
  const teacher = teacherOf('tiny')!;
  await distil(() => workbench.choose(teacher.id), 'from-teacher');
  await expect.poll(() => runs().find(({ kind, name, state }) => kind === 'paths' && name === 'from-teacher' && state !== 'queued')?.parents, patient).toEqual([teacher.id]);
  expect(teacherOf('from-teacher')).toBeUndefined();
  await expect.poll(() => runs().some(({ kind, name, state, step }) => kind === 'student' && name.startsWith('from-teacher') && state === 'running' && step > 0), patient).toBe(true);
  await stopAll();
});

test('a file with a mistake is opened at it, and no job starts', async () => {
  const { workbench, page } = editor();
  const before = runs().length;
  await workbench.run('Sig-DEG: Distill model');
  // Such files stand at the end of the list, which is not drawn until it is scrolled to.
  await workbench.input.fill('broken');
  await workbench.choose('broken.sigdeg.json');
  await workbench.editorTab('broken.sigdeg.json').waitFor({ timeout: APPEARS_MS });
  await page.locator('.squiggly-error').first().waitFor({ timeout: APPEARS_MS });
  await page.getByRole('treeitem', { name: /depth/ }).first().waitFor({ timeout: APPEARS_MS });
  await editor().screenshot('commands-broken-file');
  expect(await page.locator('.quick-input-widget:visible').count()).toBe(0);
  await workbench.run('View: Toggle Panel Visibility');
  expect(editor().jobs()).toEqual([]);
  expect(runs().length).toBe(before);
  await workbench.clearNotifications();
});

/** Of the run's line in the tree. */
async function inTree(row: Locator, action: string): Promise<void> {
  await row.hover();
  await row.getByRole('button', { name: action, exact: true }).click();
}

test('pause and resume, from the tree and from the panel', async () => {
  const { workbench } = editor();
  await workbench.openFile('long.sigdeg.json');
  await workbench.lens(/^.?Distill$/).click();
  await expect.poll(() => teacherOf('long')?.state, patient).toBe('running');
  const state = async (wanted: string): Promise<void> => {
    await expect.poll(() => teacherOf('long')?.state, patient).toBe(wanted);
    await workbench.treeItem(new RegExp(`^Teacher.* ${wanted}, step \\d+ of ${LONG}`)).waitFor({ timeout: APPEARS_MS });
  };
  const row = (): Locator => workbench.treeItem(new RegExp(`^Teacher.* of ${LONG}`));
  await row().waitFor({ timeout: APPEARS_MS });
  await inTree(row(), 'Pause');
  await state('paused');
  const { step } = teacherOf('long')!;
  await workbench.run('Sig-DEG: Open panel');
  await panel().ready();
  await panel().inside.getByRole('searchbox', { name: 'Filter runs' }).fill('long');
  const box = panel().run('long').getByRole('checkbox');
  if (!(await box.isChecked())) await box.check();
  await panel().run('long').getByRole('button', { name: 'Resume long' }).click();
  await state('running');
  await expect.poll(() => teacherOf('long')!.step, patient).toBeGreaterThan(step);
  await panel().run('long').getByRole('button', { name: 'Pause long' }).click();
  await state('paused');
  await inTree(row(), 'Resume');
  await state('running');
});

test('a second job waits until the first is stopped', async () => {
  const { workbench } = editor();
  await workbench.openFile('later.sigdeg.json');
  await workbench.lens(/^.?Distill$/).click();
  await workbench.notification(/later.*waiting for other jobs/s).waitFor({ timeout: APPEARS_MS });
  await workbench.statusBar(/1 waiting/).waitFor({ timeout: APPEARS_MS });
  await editor().screenshot('commands-queue');
  expect(teacherOf('later')).toBeUndefined();
  await workbench.run('Sig-DEG: Stop');
  await expect.poll(() => teacherOf('long')?.state, patient).toBe('stopped');
  await expect.poll(() => teacherOf('later')?.state, patient).toBe('running');
  await stopAll();
});

test('Reveal run folder shows it where the editor has its files', async () => {
  const { workbench, page } = editor();
  const { id } = newest('evaluation');
  await workbench.run('Sig-DEG: Reveal run folder');
  await workbench.choose(id);
  await page.getByRole('tree', { name: 'Files Explorer' }).getByRole('treeitem', { name: id }).waitFor({ timeout: APPEARS_MS });
  await workbench.showTree();
});

test('Add ready model makes runs of what came with the extension, with nothing to train; its teacher can be distilled', async () => {
  const { workbench } = editor();
  await workbench.run('Sig-DEG: Add ready model');
  await workbench.choose('Fashion-MNIST');
  await workbench.notification(/Fashion-MNIST: fashion-mnist-teacher, fashion-mnist-student-.* are here/).waitFor({ timeout: APPEARS_MS });
  expect([newest('teacher'), newest('student')].map(({ name, state }) => [name, state])).toEqual([['fashion-mnist-teacher', 'done'], [expect.stringMatching(/^fashion-mnist-student-/), 'done']]);
  await workbench.treeItem(/^Experiment fashion-mnist-ready/).waitFor({ timeout: APPEARS_MS });
  await workbench.clearNotifications();

  await workbench.run('Sig-DEG: Distill model');
  // The rest of the list is not drawn until it is scrolled to.
  await workbench.input.fill('only the student is to be made');
  await workbench.choices(/MNIST/).first().waitFor({ timeout: APPEARS_MS });
  await editor().screenshot('commands-ready-models');
  await workbench.input.press('Escape');
});

test('Install native engine says what it does, and its cancel leaves nothing behind', async () => {
  const { workbench } = editor();
  await workbench.run('Sig-DEG: Install native engine');
  const progress = workbench.notification('Install native engine');
  await progress.waitFor({ timeout: APPEARS_MS });
  await expect.poll(() => editor().jobs().some((command) => command.includes('runtime install')), patient).toBe(true);
  await progress.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => editor().jobs(), patient).toEqual([]);
  await workbench.notification(/Install native engine: stopped/).waitFor({ timeout: APPEARS_MS });
});
