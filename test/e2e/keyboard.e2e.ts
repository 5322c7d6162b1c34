/**
 * A whole distillation, of images, by keyboard alone: from the palette to the wipe view against the teacher. Then what axe-core says of every view in four
 * themes. Nothing here clicks.
 */
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { listRuns, type RunSummary } from '../../src/store/run';
import { violations } from './editor/axe';
import { useEditor } from './editor/editor';
import { PanelPage, VIEW_TITLES } from './editor/panel-page';
import { writeImageExperiment } from './experiments';

const NAME = 'discs';
const DISTILLED_MS = 540_000;
/** As the palette calls them, and their ids. */
const THEMES = { 'Dark Modern': 'Default Dark Modern', 'Light Modern': 'Default Light Modern', 'Dark High Contrast': 'Default High Contrast', 'Light High Contrast': 'Default High Contrast Light' } as const;
/** More stops than the page has: who tabs this often has come round. */
const MOST_STOPS = 80;

const editor = useEditor('keyboard', {
  prepare: (workspace) => { writeImageExperiment(path.join(workspace, `${NAME}.sigdeg.json`), { teacherSteps: 300, studentSteps: 120, count: 128 }); },
  settings: { 'sigdeg.engine': 'wasm' },
});
const panel = (): PanelPage => new PanelPage(editor().page);
const press = (key: string): Promise<void> => editor().page.keyboard.press(key);
const type = (text: string): Promise<void> => editor().page.keyboard.type(text);
const runs = (): RunSummary[] => listRuns(path.join(editor().profile.workspace, '.sigdeg', 'runs'));
const patient = { timeout: 60_000, interval: 300 } as const;

async function command(title: string): Promise<void> {
  const { workbench } = editor();
  await press('F1');
  await workbench.input.waitFor();
  await type(title);
  await workbench.choices(title).first().waitFor();
  await press('Enter');
}

/** Role and name of what has the focus in the panel's page. */
async function focused(): Promise<{ role: string; name: string }> {
  return (await panel().frame()).evaluate(`(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!document.hasFocus() || !element) return { role: '', name: '' };
    const host = element.getRootNode().host ?? element;
    const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(' ');
    return { role: element.getAttribute('role') ?? (element.type || element.localName), name: (element.getAttribute('aria-label') ?? host.getAttribute?.('aria-label') ?? (labels || element.textContent || '')).trim() };
  })()`);
}

/** Presses Tab until something has the focus. */
async function tabTo(what: string, is: (focus: { role: string; name: string }) => boolean): Promise<void> {
  const seen: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    const focus = await focused();
    if (is(focus)) return;
    seen.push(`${focus.role} «${focus.name.slice(0, 40)}»`);
    await press('Tab');
  }
  throw new Error(`Tab never came to ${what}, but to ${[...new Set(seen)].join(', ')}`);
}

test('three choices by keyboard start the job', async () => {
  const { workbench } = editor();
  await command('Sig-DEG: Distill model');
  await workbench.choices(`${NAME}.sigdeg.json`).first().waitFor();
  await type(`${NAME}.sigdeg`);
  await press('Enter');
  await workbench.choices('10 steps').first().waitFor();
  await press('Enter');
  await expect.poll(() => workbench.input.inputValue(), patient).toBe(NAME);
  await press('Enter');
  await expect.poll(() => editor().jobs().length, patient).toBeGreaterThan(0);
});

test('the panel opens with the focus in it, and arrows go through its tabs', async () => {
  await command('Sig-DEG: Open panel');
  await panel().ready();
  await tabTo('the tabs', ({ role }) => role === 'tab');
  for (const title of VIEW_TITLES.slice(1)) {
    await press('ArrowRight');
    expect(await panel().chosenTab()).toBe(title);
  }
  await press('Home');
  expect(await panel().chosenTab()).toBe('Loss');
});

test('the distillation comes to its end', async () => {
  await expect.poll(() => runs().find(({ kind }) => kind === 'evaluation')?.state, { timeout: DISTILLED_MS, interval: 1000 }).toBe('done');
  await expect.poll(() => editor().jobs(), patient).toEqual([]);
}, DISTILLED_MS + 60_000);

test('wipe and difference against the teacher, and the training step, by keyboard', async () => {
  await panel().tab('Samples').focus();
  await press('Enter');
  await panel().drawn(60_000);
  await tabTo('the choice of view', ({ role, name }) => role === 'radio' && name === 'Side by side');
  await press('ArrowRight');
  await tabTo('the wipe slider', ({ role, name }) => role === 'range' && name === 'Wipe');
  const before = Number(await panel().slider('Wipe').inputValue());
  await press('ArrowRight');
  expect(Number(await panel().slider('Wipe').inputValue())).toBeGreaterThan(before);
  await editor().screenshot('keyboard-wipe');

  await panel().inside.getByRole('radio', { name: 'Wipe' }).focus();
  await press('ArrowRight');
  await expect.poll(() => panel().inside.getByRole('radio', { name: 'Difference' }).isChecked()).toBe(true);
  await editor().screenshot('keyboard-difference');
  const slider = panel().slider('Training step');
  await slider.focus();
  await press('Home');
  expect(await slider.inputValue()).toBe('0');
});

for (const [theme, id] of Object.entries(THEMES)) {
  test(`axe finds nothing in any view: ${theme}`, async () => {
    const { workbench } = editor();
    await press('Control+k');
    await press('Control+t');
    await editor().page.getByPlaceholder(/Color Theme/).waitFor();
    await type(theme);
    await workbench.choices(theme).first().waitFor();
    await press('Enter');
    await expect.poll(async () => (await panel().frame()).evaluate('document.body.dataset.vscodeThemeId'), patient).toBe(id);
    for (const title of VIEW_TITLES) {
      await panel().tab(title).focus();
      await press('Enter');
      await panel().view.locator('section.figure:not([aria-busy]), .notice:visible').first().waitFor({ timeout: 60_000 });
      await editor().screenshot(`theme-${theme}-${title}`);
      expect(await violations(panel()), `${title} in ${theme}`).toEqual([]);
    }
  });
}
