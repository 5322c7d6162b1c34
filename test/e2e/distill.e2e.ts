/**
 * The whole way of a user: «Distill model» on the 8 gaussians, watched while it runs, through a reload, a stop and a resume; and with a small budget, to the
 * comparison of its students and the deletion of one.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { listRuns, type RunSummary } from '../../src/store/run';
import { useEditor } from './editor/editor';
import { PanelPage } from './editor/panel-page';
import { APPEARS_MS } from './editor/workbench';
import { writeExperiment } from './experiments';

const BUDGET = { teacherSteps: 3000, studentSteps: 1200, count: 1024 };
const NAME = 'eight';
/** A teacher that trains for longer than all tests take on any machine, so that what is done to it is done while it runs: the last of them stops it. */
const LONG = 'long';
const LONG_STEPS = 2_000_000;
/** A whole distillation of this budget, when the machine has much else to do. */
const DISTILLED_MS = 540_000;

const editor = useEditor('distill', {
  prepare: (workspace) => {
    writeExperiment(path.join(workspace, `${LONG}.sigdeg.json`), { ...BUDGET, teacherSteps: LONG_STEPS });
    writeExperiment(path.join(workspace, `${NAME}.sigdeg.json`), BUDGET);
  },
  settings: { 'sigdeg.engine': 'wasm' },
});
const panel = (): PanelPage => new PanelPage(editor().page);
const runs = (): RunSummary[] => {
  const dir = path.join(editor().profile.workspace, '.sigdeg', 'runs');
  return fs.existsSync(dir) ? listRuns(dir) : [];
};
const find = (kind: RunSummary['kind'], experiment = NAME): RunSummary | undefined => runs().find((run) => run.kind === kind && run.experiment === experiment);
const long = (): RunSummary | undefined => find('teacher', LONG);
const patient = { timeout: 60_000, interval: 300 } as const;

/** From the choice of the source to the running job. */
async function distil(name: string): Promise<void> {
  const { workbench } = editor();
  await workbench.run('Sig-DEG: Distill model');
  await workbench.choose(new RegExp(`${name}\\.sigdeg\\.json`));
  await editor().screenshot(`distill-step-counts-${name}`);
  // The counts and the name of the file as they are.
  await workbench.input.press('Enter');
  await expect.poll(() => workbench.input.inputValue(), patient).toBe(name);
  await workbench.input.press('Enter');
  await expect.poll(() => find('teacher', name)?.state, patient).toBe('running');
}

test('three choices lead to a running job', async () => {
  await editor().workbench.showTree();
  await distil(LONG);
});

test('the tree, the notification and the status bar follow the job', async () => {
  const { workbench, page } = editor();
  await workbench.treeItem(/^Teacher.*running, step \d+ of 2000000/).waitFor({ timeout: 60_000 });
  await page.locator('.statusbar-item', { hasText: /teacher \d+\/2000000/ }).first().waitFor({ timeout: APPEARS_MS });
  expect((await workbench.notifications()).join()).toContain(LONG);
});

test('the loss curve grows while the job runs', async () => {
  await editor().workbench.run('Sig-DEG: Open panel');
  await panel().ready();
  await panel().choose('Loss');
  await panel().drawn(60_000);
  const trained = async (): Promise<number> => Math.max(...(await panel().table()).map((cells) => Number(cells[2]?.replace(/\D/g, ''))));
  const first = await trained();
  await expect.poll(trained, patient).toBeGreaterThan(first);
  expect(await panel().summary()).toMatch(/^Training loss of 1 curve/);
  expect(long()?.state).toBe('running');
});

test('after a reload the job still runs and the panel is as it was', async () => {
  await panel().inside.getByRole('checkbox', { name: 'Log scale' }).click();
  await panel().slider('Smoothing').press('ArrowRight');
  const smoothing = await panel().slider('Smoothing').inputValue();
  await panel().choose('Brownian');
  const jobs = editor().jobs();
  const before = long()?.step ?? 0;
  expect(jobs.length).toBeGreaterThan(0);

  await editor().reload();
  await panel().ready();
  expect(await panel().chosenTab()).toBe('Brownian');
  await panel().choose('Loss');
  await panel().drawn(60_000);
  expect(await panel().slider('Smoothing').inputValue()).toBe(smoothing);
  expect(await panel().inside.getByRole('checkbox', { name: 'Log scale' }).getAttribute('aria-checked')).toBe('false');

  await expect.poll(() => long()?.step, patient).toBeGreaterThan(before);
  expect(long()?.state).toBe('running');
  expect(editor().jobs()[0]).toBe(jobs[0]);
});

test('it is stopped in the panel, and its process ends', async () => {
  await panel().run(LONG).filter({ hasText: 'running' }).getByRole('button', { name: /^Stop / }).click();
  await expect.poll(() => long()?.state, patient).toBe('stopped');
  await expect.poll(() => editor().jobs(), patient).toEqual([]);
  await editor().workbench.treeItem(/^Teacher.*stopped/).waitFor({ timeout: APPEARS_MS });
});

test('it is resumed where it stopped, and stopped again', async () => {
  const stopped = long()!;
  await panel().run(LONG).filter({ hasText: 'stopped' }).getByRole('button', { name: /^Resume / }).click();
  await expect.poll(() => long()?.step, { ...patient, timeout: 120_000 }).toBeGreaterThan(stopped.step);
  expect(long()?.id).toBe(stopped.id);
  await panel().run(LONG).filter({ hasText: 'running' }).getByRole('button', { name: /^Stop / }).click();
  await expect.poll(() => editor().jobs(), patient).toEqual([]);
  expect(long()?.state).toBe('stopped');
});

test('one with a small budget goes on to the evaluation', async () => {
  const { workbench } = editor();
  await distil(NAME);
  await expect.poll(() => find('evaluation')?.state, { timeout: DISTILLED_MS, interval: 1000 }).toBe('done');
  expect(runs().filter(({ kind }) => kind === 'student').map(({ state }) => state)).toEqual(['done', 'done']);
  await workbench.unfold(workbench.treeItem(/^Teacher.*done/));
  await workbench.treeItem(/^Student, 5 steps, depth 3, done/).waitFor({ timeout: APPEARS_MS });
}, DISTILLED_MS + 150_000);

test('the quality plot has the students, the solvers and the teacher', async () => {
  await panel().choose('Quality');
  await panel().drawn(60_000);
  const summary = await panel().summary();
  for (const name of ['Sig-DEG', 'DDIM', 'DDPM']) expect(summary).toContain(name);
});

test('the grid fills, and the slider goes through the training', async () => {
  await panel().choose('Samples');
  await panel().drawn(60_000);
  await expect.poll(() => panel().view.locator('canvas').count(), patient).toBeGreaterThan(1);
  const slider = panel().slider('Training step');
  const last = Number(await slider.getAttribute('max'));
  expect(last).toBeGreaterThan(0);
  expect(Number(await slider.inputValue())).toBe(last);
  await slider.press('Home');
  expect(await slider.inputValue()).toBe('0');
  await panel().drawn(60_000);
  await editor().screenshot('distill-slider-at-first-step');
  await slider.press('End');
  await panel().drawn(60_000);
});

test('the other views show the run, too', async () => {
  for (const title of ['Path error', 'Flow', 'Brownian'] as const) {
    await panel().choose(title);
    await panel().drawn(60_000);
    await editor().screenshot(`distill-view-${title}`);
  }
});

test('two runs are compared', async () => {
  const { workbench } = editor();
  const students = runs().filter(({ kind }) => kind === 'student');
  await workbench.run('Sig-DEG: Compare selected runs');
  for (const { id } of students) await workbench.choose(id);
  await workbench.input.press('Enter');
  await expect.poll(async () => (await panel().chosenRuns()).sort(), patient).toEqual(students.map(({ id }) => id).sort());
  await panel().choose('Loss');
  await panel().drawn(60_000);
  expect(await panel().summary()).toMatch(/^Training loss of 2 curves, the newest values .*; on what is held out /);
});

test('a run is deleted after a question, from the disk, the tree and the panel', async () => {
  const { workbench } = editor();
  const [gone] = runs().filter(({ kind }) => kind === 'student');
  const remove = async (answer: RegExp): Promise<void> => {
    await workbench.run('Sig-DEG: Delete…');
    await workbench.choose(gone!.id);
    await workbench.input.press('Enter');
    await workbench.dialogButton(answer).click();
  };
  await remove(/Cancel/);
  expect(fs.existsSync(gone!.dir)).toBe(true);
  await remove(/^Delete/);
  await expect.poll(() => fs.existsSync(gone!.dir), patient).toBe(false);
  await expect.poll(() => panel().chosenRuns(), patient).not.toContain(gone!.id);
});

test('no job is left', () => {
  expect(editor().jobs()).toEqual([]);
});
