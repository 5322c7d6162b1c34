/** The panel among other editors: hidden and shown again, moved, in a window of its own, and as narrow as a column gets, in four themes. */
import * as path from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { violations } from './editor/axe';
import { useEditor } from './editor/editor';
import { PanelPage, VIEW_TITLES } from './editor/panel-page';
import { APPEARS_MS } from './editor/workbench';
import { distilled, writeImageExperiment, writeSmall } from './experiments';

/** A panel of 400 px: the activity bar stands beside it. */
const NARROW = { width: 400 + 48, height: 860 };
const THEMES = { 'Dark Modern': 'Default Dark Modern', 'Light Modern': 'Default Light Modern', 'Dark High Contrast': 'Default High Contrast', 'Light High Contrast': 'Default High Contrast Light' } as const;
const patient = { timeout: 60_000, interval: 200 } as const;

const editor = useEditor('panel', {
  prepare: (workspace) => {
    distilled(workspace, writeSmall(path.join(workspace, 'tiny.sigdeg.json'), 200));
    distilled(workspace, writeImageExperiment(path.join(workspace, 'discs.sigdeg.json'), { teacherSteps: 60, studentSteps: 40, count: 32 }));
  },
  settings: { 'sigdeg.engine': 'wasm' },
});
const panel = (page: Page = editor().page): PanelPage => new PanelPage(page);

/** The newest experiment, that of images, is chosen by itself. */
async function isAsItWas(page?: Page): Promise<void> {
  await panel(page).ready();
  expect(await panel(page).chosenTab()).toBe('Samples');
  await panel(page).drawn(60_000);
  expect(await panel(page).inside.getByRole('radio', { name: 'Wipe' }).isChecked()).toBe(true);
  expect(await panel(page).slider('Wipe').inputValue()).toBe('20');
  expect(await panel(page).slider('Training step').inputValue()).toBe('1');
  // In a narrow panel the list is folded, and still filtered.
  expect(await panel(page).inside.locator('input[type=search]').inputValue()).toBe('student');
}

test('hidden behind another editor and shown again it is as it was', async () => {
  const { workbench } = editor();
  await workbench.run('Sig-DEG: Open panel');
  await panel().ready();
  await panel().inside.getByRole('searchbox', { name: 'Filter runs' }).fill('student');
  await panel().choose('Samples');
  await panel().drawn(60_000);
  await panel().inside.getByRole('radio', { name: 'Wipe' }).check();
  await panel().slider('Wipe').fill('20');
  await panel().slider('Training step').fill('1');
  await isAsItWas();
  await workbench.openFile('discs.sigdeg.json');
  await workbench.editorTab('Distillation').click();
  await isAsItWas();
});

test('moved to another column it is as it was', async () => {
  const { workbench } = editor();
  await workbench.run('View: Move Editor into Right Group');
  await expect.poll(() => editor().page.locator('.editor-group-container').count(), patient).toBe(2);
  await isAsItWas();
});

test('in a window of its own it is as it was', async () => {
  const { workbench, page } = editor();
  await workbench.editorTab('Distillation').click();
  const opened = page.waitForEvent('popup', { timeout: APPEARS_MS });
  await workbench.run('View: Move Editor into New Window');
  const window = await opened;
  await isAsItWas(window);
  await window.close();
  await workbench.run('Sig-DEG: Open panel');
  await panel().ready();
});

test('who asked for less motion sees frame after frame, and not a film', async () => {
  const { page } = editor();
  await panel().inside.getByRole('searchbox', { name: 'Filter runs' }).fill('');
  await panel().inside.getByRole('button', { name: /^All/ }).click();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await panel().choose('Flow');
  await panel().drawn(60_000);
  const time = panel().slider('Time');
  await time.fill('0');
  await panel().view.getByRole('button', { name: 'Play' }).click();
  const seen = new Set<number>();
  await expect.poll(async () => seen.add(Number(await time.inputValue())).size, { timeout: APPEARS_MS, interval: 20 }).toBe(3);
  // Twenty positions of the slider lie between two frames.
  expect([...seen].filter((position) => position % 20 !== 0)).toEqual([]);
  await panel().view.getByRole('button', { name: 'Pause' }).click();
  await page.emulateMedia({ reducedMotion: 'no-preference' });
});

for (const [theme, id] of Object.entries(THEMES)) {
  test(`400 px wide, ${theme}: nothing is cut, axe finds nothing`, async () => {
    const { workbench, page } = editor();
    await page.setViewportSize({ width: 1400, height: 900 });
    await workbench.colourTheme(theme);
    await expect.poll(async () => (await panel().frame()).evaluate('document.body.dataset.vscodeThemeId'), patient).toBe(id);
    if (await page.getByRole('heading', { name: /Explorer|Sig-DEG/ }).first().isVisible()) await workbench.run('View: Toggle Primary Side Bar Visibility');
    await page.setViewportSize(NARROW);
    await expect.poll(async () => (await panel().frame()).evaluate('innerWidth'), patient).toBeLessThanOrEqual(400);
    for (const title of VIEW_TITLES) {
      await panel().choose(title);
      await panel().view.locator('section.figure:not([aria-busy]), .notice:visible').first().waitFor({ timeout: 60_000 });
      await editor().screenshot(`narrow-${theme}-${title}`);
      const { wide, inner } = await (await panel().frame()).evaluate<{ wide: number; inner: number }>('({ wide: document.documentElement.scrollWidth, inner: innerWidth })');
      expect(wide, `${title}: overflows`).toBeLessThanOrEqual(inner);
      expect(await violations(panel()), `${title} in ${theme}`).toEqual([]);
    }
  });
}
