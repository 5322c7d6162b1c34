/** The packed extension comes up in the editor. Every other scenario needs this much. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { useEditor } from './editor/editor';
import { APPEARS_MS } from './editor/workbench';
import { writeExperiment } from './experiments';
import { NODE, ROOT } from './provision/places';

/** Under this the start of a window is not felt. */
const ACTIVATION_MS = 150;
const MOST_STARTS = 5;

const editor = useEditor('smoke');

test('the activity bar has the container, and an empty tree offers what to do', async () => {
  const { workbench } = editor();
  await workbench.showTree();
  await workbench.page.getByRole('button', { name: 'Distill model' }).first().waitFor({ timeout: APPEARS_MS });
});

test('the palette offers Distill model', async () => {
  const { workbench } = editor();
  await workbench.openPalette('Sig-DEG: Distill model');
  await workbench.choices('Sig-DEG: Distill model').first().waitFor({ timeout: APPEARS_MS });
});

/** As VS Code itself measures it: the loading of the code and the call of `activate`. */
async function activationMs(): Promise<number> {
  const { workbench, page } = editor();
  await workbench.dismiss();
  await workbench.run('Developer: Show Running Extensions');
  const row = page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Sig-DEG Explorer' });
  await expect.poll(() => row.innerText(), { timeout: APPEARS_MS }).toMatch(/Activation: \d+ms/);
  return Number(/Activation: (\d+)ms/.exec(await row.innerText())?.[1]);
}

test('activation takes under 150 ms, the loading of its code included', async () => {
  // What else the machine does can only add to it, so the fastest of a few starts tells.
  const starts = [await activationMs()];
  while (starts.length < MOST_STARTS && Math.min(...starts) >= ACTIVATION_MS) {
    await editor().reload();
    starts.push(await activationMs());
  }
  process.stderr.write(`activation, code included: ${starts.join(', ')} ms\n`);
  expect(Math.min(...starts)).toBeLessThan(ACTIVATION_MS);
});

test('the walkthrough opens', async () => {
  const { workbench, page } = editor();
  await workbench.run('Welcome: Open Walkthrough...');
  await workbench.choose('Get started with Sig-DEG');
  await page.getByRole('button', { name: /Watch it train/ }).first().click();
  await page.getByRole('button', { name: 'Open panel' }).first().waitFor({ timeout: APPEARS_MS });
});

test('the installed command line computes with the WebAssembly engine, with nothing of the clone beside it', () => {
  const { installed, profile } = editor();
  // Else Node would find packages in the clone that the package lacks.
  expect(path.relative(ROOT, installed)).toMatch(/^\.\./);
  const runs = path.join(profile.dir, 'command-line-runs');
  const file = writeExperiment(path.join(profile.dir, 'small.sigdeg.json'), { teacherSteps: 20, studentSteps: 20, count: 512 });
  const output = execFileSync(NODE, [path.join(installed, 'dist', 'cli.js'), '--json', '--engine', 'wasm', '--runs-dir', runs, 'distill', file], { cwd: profile.dir, encoding: 'utf8', timeout: 170_000, stdio: ['ignore', 'pipe', 'pipe'] });
  expect(JSON.parse(output)).not.toHaveProperty('error');
  expect(fs.readdirSync(runs).length).toBeGreaterThanOrEqual(4);
});
