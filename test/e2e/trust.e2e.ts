/** A folder that nobody has trusted yet, and that would like to run a program of its own: its runs can be looked at, nothing starts. Then it is trusted. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { listRuns } from '../../src/store/run';
import { makeRun, makeRuns } from '../bench/make-runs';
import { useEditor } from './editor/editor';
import { PanelPage } from './editor/panel-page';
import { APPEARS_MS } from './editor/workbench';
import { writeSmall } from './experiments';

const patient = { timeout: 60_000, interval: 200 } as const;
const MARKER = 'the-folders-program-has-run';

const editor = useEditor('trust', {
  restricted: true,
  prepare: (workspace) => {
    const inside = (...words: string[]): string => path.join(workspace, ...words);
    const runs = inside('.sigdeg', 'runs');
    makeRuns(runs, 8);
    makeRun(runs, { kind: 'teacher', name: 'stopped-one', created: '2027-01-01T00:00:00.000Z' }, [{ type: 'state', state: 'running' }, { type: 'scalar', name: 'train.loss', step: 5, value: 1 }, { type: 'progress', step: 5, steps: 10 }, { type: 'state', state: 'stopped' }]);
    writeSmall(inside('small.sigdeg.json'), 400_000);
    fs.writeFileSync(inside('node'), `#!/bin/sh\ntouch '${inside(MARKER)}'\nexec node "$@"\n`, { mode: 0o755 });
    fs.mkdirSync(inside('.vscode'));
    fs.writeFileSync(inside('.vscode', 'settings.json'), JSON.stringify({ 'sigdeg.nodePath': inside('node'), 'sigdeg.runsFolder': 'elsewhere', 'sigdeg.engine': 'wasm' }));
  },
});
const panel = (): PanelPage => new PanelPage(editor().page);
const inWorkspace = (...words: string[]): string => path.join(editor().profile.workspace, ...words);

function nothingRan(): void {
  expect(editor().jobs()).toEqual([]);
  expect(fs.existsSync(inWorkspace(MARKER))).toBe(false);
}

test('its runs are shown, in the tree and in the panel, where the defaults have them', async () => {
  const { workbench, page } = editor();
  await workbench.showTree();
  await workbench.treeItem(/^Experiment experiment-0000/).waitFor({ timeout: APPEARS_MS });
  await page.getByText('This folder is not trusted: runs can be looked at, nothing is started.').first().waitFor({ timeout: APPEARS_MS });
  await workbench.run('Sig-DEG: Open panel');
  await panel().ready();
  await panel().inside.getByRole('button', { name: /^All/ }).click();
  await panel().choose('Loss');
  await panel().drawn(60_000);
  nothingRan();
});

for (const title of ['Distill model', 'Sample…', 'Evaluate…', 'Resume', 'Install native engine', 'Install WebGPU engine', 'Install ONNX engine', 'Import model…']) {
  test(`${title} refuses, and says why`, async () => {
    const { workbench } = editor();
    await workbench.run(`Sig-DEG: ${title}`);
    const said = workbench.notification(new RegExp(`${title.replace('…', '')}: NO_ACCESS: this folder is not trusted`));
    await said.waitFor({ timeout: APPEARS_MS });
    await said.getByRole('button', { name: 'Manage Trust' }).waitFor({ timeout: APPEARS_MS });
    await workbench.clearNotifications();
    nothingRan();
  });
}

test('the panel and the experiment file offer nothing that starts', async () => {
  const { workbench } = editor();
  const resume = panel().run('stopped-one').locator('vscode-button[aria-label="Resume stopped-one"]');
  await resume.and(panel().inside.locator('[disabled][title*="not trusted"]')).waitFor({ timeout: APPEARS_MS });
  await workbench.openFile('small.sigdeg.json');
  await workbench.lens('Trust this folder to distil').waitFor({ timeout: APPEARS_MS });
  expect(await workbench.lens(/^.?Distill$/).count()).toBe(0);
  nothingRan();
});

test('trusted, its jobs run and its settings count, but not its program', async () => {
  const { workbench, page } = editor();
  await workbench.lens('Trust this folder to distil').click();
  await page.getByRole('button', { name: 'Trust', exact: true }).first().click();
  await workbench.openFile('small.sigdeg.json');
  await workbench.lens(/^.?Distill$/).click();
  const started = (): string | undefined => listRuns(inWorkspace('elsewhere')).find(({ kind }) => kind === 'teacher')?.state;
  await expect.poll(started, patient).toBe('running');
  await workbench.treeItem(/^Teacher.*running/).waitFor({ timeout: APPEARS_MS });
  expect(await workbench.treeItem(/^Experiment experiment-0000/).count()).toBe(0);
  await workbench.run('Sig-DEG: Stop');
  await expect.poll(started, patient).toBe('stopped');
  await expect.poll(() => editor().jobs(), patient).toEqual([]);
  nothingRan();
});
