/** What goes wrong: no Node, a worker that is killed, runs that cannot be read or vanish. Each time there is a message that says what to do, and a way on. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { listRuns, type RunSummary } from '../../src/store/run';
import { makeRun, makeRuns } from '../bench/make-runs';
import { useEditor } from './editor/editor';
import { PanelPage, VIEW_TITLES } from './editor/panel-page';
import { processesOf } from './editor/processes';
import { APPEARS_MS } from './editor/workbench';
import { writeSmall } from './experiments';
import { NODE, OUT } from './provision/places';

const patient = { timeout: 60_000, interval: 200 } as const;
/** Where `sigdeg.nodePath` points; at first there is nothing. */
const NODE_PATH = path.join(OUT, 'trouble', 'node');

const editor = useEditor('trouble', {
  prepare: (workspace) => {
    const runs = path.join(workspace, '.sigdeg', 'runs');
    makeRuns(runs, 8);
    writeSmall(path.join(workspace, 'small.sigdeg.json'), 400_000);
  },
  settings: { 'sigdeg.engine': 'wasm', 'sigdeg.nodePath': NODE_PATH },
  machineSettings: { 'sigdeg.nodePath': NODE_PATH },
});
const panel = (): PanelPage => new PanelPage(editor().page);
const runsDir = (): string => path.join(editor().profile.workspace, '.sigdeg', 'runs');
const small = (): RunSummary | undefined => listRuns(runsDir()).find(({ kind, name }) => kind === 'teacher' && name === 'small');

test('without a Node it is said which setting to correct, and Retry goes on once that is done', async () => {
  const { workbench } = editor();
  await workbench.showTree();
  await workbench.openFile('small.sigdeg.json');
  await workbench.lens(/^.?Distill$/).click();
  const said = workbench.notification(/NOT_FOUND: sigdeg\.nodePath: expected Node 20\.19 or newer at .*correct the setting or empty it/s);
  await said.waitFor({ timeout: APPEARS_MS });
  await said.getByRole('button', { name: 'Open Setting' }).waitFor({ timeout: APPEARS_MS });
  expect(editor().jobs()).toEqual([]);
  fs.symlinkSync(NODE, NODE_PATH);
  await said.getByRole('button', { name: 'Retry' }).click();
  await expect.poll(() => small()?.state, patient).toBe('running');
  expect(editor().jobs().some((command) => command.startsWith(NODE_PATH))).toBe(true);
});

test('a worker that is killed leaves a lost run that says so, and Resume goes on', async () => {
  const { workbench } = editor();
  await expect.poll(() => small()?.step, patient).toBeGreaterThan(1000);
  await workbench.clearNotifications();
  const worker = processesOf(editor().server.id).find(({ command }) => command.includes('worker.js'));
  process.kill(worker!.pid, 'SIGKILL');
  await expect.poll(() => small()?.state, patient).toBe('lost');
  const said = workbench.notification(/small: RUN_LOST.*SIGKILL/s);
  await said.waitFor({ timeout: APPEARS_MS });
  await workbench.treeItem(/^Teacher.*lost/).waitFor({ timeout: APPEARS_MS });
  await workbench.run('Sig-DEG: Open panel');
  await panel().ready();
  const row = panel().run('small');
  if (!(await row.getByRole('checkbox').isChecked())) await row.getByRole('checkbox').check();
  await row.filter({ hasText: /lost.*SIGKILL/s }).waitFor({ timeout: APPEARS_MS });
  await editor().screenshot('trouble-lost');
  const { id, step } = small()!;
  await row.getByRole('button', { name: 'Resume small' }).click();
  await expect.poll(() => small()?.state, patient).toBe('running');
  await expect.poll(() => small()!.step, patient).toBeGreaterThan(step);
  expect(small()!.id).toBe(id);
  await workbench.run('Sig-DEG: Stop');
  await expect.poll(() => editor().jobs(), patient).toEqual([]);
  await workbench.clearNotifications();
});

test('runs of a newer version and damaged ones stand in the tree with the reason, half-written ones are passed over', async () => {
  const { workbench, page } = editor();
  makeRun(runsDir(), { kind: 'teacher', name: 'newer', id: 'from-tomorrow', format: 99 }, []);
  const inside = (...words: string[]): string => path.join(runsDir(), ...words);
  for (const name of ['half', 'only-a-folder']) fs.mkdirSync(inside(name));
  fs.writeFileSync(inside('half', 'run.json'), '{ "format": 1, "id": "ha');
  const torn = makeRun(runsDir(), { kind: 'teacher', name: 'torn', created: '2027-01-02T00:00:00.000Z' }, [{ type: 'state', state: 'running' }, { type: 'scalar', name: 'train.loss', step: 5, value: 0.5 }, { type: 'progress', step: 5, steps: 10 }, { type: 'state', state: 'stopped' }]);
  fs.appendFileSync(inside(torn, 'events.jsonl'), Buffer.from([0, 255, 254, 10, 123, 34, 115]));
  const newer = workbench.treeItem(/Run from-tomorrow, of a newer version/);
  await newer.waitFor({ timeout: APPEARS_MS });
  await workbench.treeItem(/Run half, damaged/).waitFor({ timeout: APPEARS_MS });
  expect(await workbench.treeItem(/only-a-folder/).count()).toBe(0);
  await newer.hover();
  await page.locator('.workbench-hover-container', { hasText: 'update sigdeg' }).waitFor({ timeout: APPEARS_MS });
  await panel().inside.getByRole('button', { name: /^None/ }).click();
  await panel().run('torn').getByRole('checkbox').check();
  await panel().choose('Loss');
  await panel().drawn(60_000);
  expect(await panel().summary()).toMatch(/^Training loss of 1 curve/);
});

test('a run that is deleted while it is shown leaves a word in every view, never an endless wait', async () => {
  const shown = listRuns(runsDir()).find(({ name }) => name === 'torn')!;
  fs.rmSync(shown.dir, { recursive: true });
  await panel().run('torn').waitFor({ state: 'detached', timeout: APPEARS_MS });
  for (const title of VIEW_TITLES) {
    await panel().choose(title);
    await panel().view.locator('.notice-title', { hasText: 'No run chosen' }).waitFor({ timeout: APPEARS_MS });
  }
  // All of them, while their pictures are on the screen.
  await panel().inside.getByRole('button', { name: /^All/ }).click();
  await panel().choose('Quality');
  await panel().drawn(60_000);
  fs.rmSync(runsDir(), { recursive: true });
  await panel().view.locator('.notice-title', { hasText: 'No runs yet' }).waitFor({ timeout: APPEARS_MS });
  await editor().workbench.page.getByRole('button', { name: 'Distill model' }).first().waitFor({ timeout: APPEARS_MS });
});
