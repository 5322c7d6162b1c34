/** The panel's page in a real browser, on made-up data. Where there is no Chromium, the editor's own tests (test/e2e) look at the page alone. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildFixture } from '../../.dev/page.mjs';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TABS = ['loss', 'quality', 'samples', 'path-error', 'flow', 'brownian'];
const THEMES = ['dark', 'light', 'high-contrast', 'high-contrast-light'];

let browser: Browser;
let address: string;

/** What the page holds, read by a text, since the program of the tests has no document. */
const ask = <T>(page: Page, expression: string): Promise<T> => page.evaluate(expression);

async function open(query: string, width = 1200): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  await page.goto(`${address}?runs=40&${query}`);
  await page.waitForSelector('#app[data-ready]');
  return page;
}

async function goTo(page: Page, tab: string): Promise<void> {
  await page.click(`#tab-${tab}`);
  await page.waitForSelector(`#panel-${tab} .figure:not([hidden])`);
}

describe.skipIf(!fs.existsSync(CHROMIUM))('the page', () => {
  beforeAll(async () => {
    address = `file://${await buildFixture()}`;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => { await browser.close(); });

  test.each(THEMES)('breaks no rule of axe and nothing sticks out, wide and narrow: %s', async (theme) => {
    for (const width of [1200, 400]) {
      const page = await open(`theme=${theme}`, width);
      await page.evaluate(AXE);
      for (const tab of TABS) {
        await goTo(page, tab);
        const violations = await ask<string[]>(page, 'axe.run(document).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")))');
        expect({ width, tab, violations }).toEqual({ width, tab, violations: [] });
        const wider = await ask<string[]>(page, '[document.documentElement, ...document.querySelectorAll(".content, .view, .figure, .layout")].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map((e) => e.className)');
        expect({ width, tab, wider }).toEqual({ width, tab, wider: [] });
      }
      await page.close();
    }
  });

  test('tabs go by arrow keys, and every view is reached and left by keyboard', async () => {
    const page = await open('theme=dark');
    await page.focus('#tab-loss');
    for (const tab of [...TABS.slice(1), 'loss']) {
      await page.keyboard.press('ArrowRight');
      expect(await ask(page, 'document.activeElement.id')).toBe(`tab-${tab}`);
    }
    await page.waitForSelector('#panel-loss canvas');
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      seen.add(await ask(page, 'document.activeElement.tagName + ":" + (document.activeElement.getAttribute("title") ?? document.activeElement.getAttribute("type") ?? "")'));
    }
    expect([...seen]).toEqual(expect.arrayContaining(['VSCODE-CHECKBOX:', 'INPUT:range', 'VSCODE-BUTTON:Zoom in', 'VSCODE-BUTTON:Training loss as a table', 'CANVAS:']));
    await page.close();
  });

  test('what was looked at is there again after a reload', async () => {
    const page = await open('theme=dark');
    await page.waitForSelector('#panel-loss canvas');
    const zoomIn = async (): Promise<void> => {
      await page.focus('#panel-loss canvas');
      await page.keyboard.press('+');
      await page.keyboard.press('+');
    };
    const range = (): Promise<unknown> => ask(page, 'JSON.parse(sessionStorage.getItem("state")).loss.range');
    await zoomIn();
    expect(await range()).not.toBeNull();
    // A zoom is of what was chosen.
    await page.click('.runs li:nth-child(2) input');
    expect(await range()).toBeNull();
    await page.waitForTimeout(300);
    await zoomIn();
    await goTo(page, 'samples');
    await page.click('#panel-samples .segmented label:nth-of-type(2)');
    await page.focus('#panel-samples .slider:not([hidden]) input');
    await page.keyboard.press('ArrowLeft');
    await page.waitForTimeout(300);
    const before = await ask<{ loss: { range: [number, number] }; samples: unknown }>(page, 'JSON.parse(sessionStorage.getItem("state"))');
    expect(before.loss.range[0]).toBeGreaterThan(0);
    expect(before.samples).toMatchObject({ view: 'wipe', trainingStep: 95_000 });
    await page.reload();
    await page.waitForSelector('#panel-samples .likeness');
    expect(await ask(page, 'JSON.parse(sessionStorage.getItem("state"))')).toEqual(before);
    expect(await ask(page, 'document.querySelector(".runs li:nth-child(2) input").checked')).toBe(false);
    expect(await ask(page, 'document.querySelector("#panel-samples .slider output").textContent')).toBe('95 000');
    await page.close();
  });

  test('while a run goes on, its row stays: focus on a button and a click that has begun survive, and a state that changes leaves the focus in the row', async () => {
    const page = await open('theme=dark&live=1');
    const focused = 'document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName';
    const pause = await ask<string>(page, 'document.querySelector(".state-running .run-actions vscode-button").getAttribute("aria-label")');
    await page.focus(`vscode-button[aria-label="${pause}"]`);
    await page.hover(`vscode-button[aria-label="${pause}"]`);
    await page.mouse.down();
    const facts = 'document.querySelector(".state-running .run-facts").textContent';
    const before = await ask<string>(page, facts);
    await page.waitForFunction(`${facts} !== ${JSON.stringify(before)}`);
    expect(await ask(page, focused)).toBe(pause);
    await page.mouse.up();
    await page.waitForSelector('.runs .state-paused');
    await page.waitForFunction(`(${focused}).startsWith("Resume")`);
    await page.close();
  });

  test('a failure is a message with Retry and the host’s way out, never an endless wait', async () => {
    const page = await open('theme=dark&failing=GONE');
    await page.waitForSelector('.notice:not([hidden]) .notice-title');
    expect(await ask(page, 'document.querySelector(".notice").innerText')).toMatch(/could not be shown[\s\S]*deleted while it was shown \(GONE\)[\s\S]*Retry[\s\S]*Open log/);
    await page.close();
  });

  test('a notice offers what can be done with a finished model among the chosen runs, as soon as the folder is trusted', async () => {
    const page = await open('theme=dark&trusted=0');
    const wishes: unknown[] = [];
    page.on('console', (message) => void message.args()[1]?.jsonValue().then((wish) => wishes.push(wish)));
    // The first still trains, the second is done; without an evaluation there are no scores.
    await page.click('vscode-button[title^="None"]');
    for (const row of [1, 2]) await page.click(`.runs li:nth-child(${row}) input`);
    await page.click('#tab-quality');
    await page.waitForSelector('#panel-quality .notice vscode-button[disabled]');
    await ask(page, 'trust()');
    await page.click('#panel-quality .notice vscode-button:not([disabled])');
    await expect.poll(() => wishes).toEqual([{ kind: 'command', command: 'evaluate', run: await ask(page, 'document.querySelector(".runs li:nth-child(2) input").id.slice(4)') }]);
    await page.close();
  });

  test('without runs the page says what to do', async () => {
    const page = await browser.newPage();
    await page.goto(`${address}?runs=0`);
    await page.waitForSelector('.notice vscode-button');
    expect(await ask(page, 'document.querySelector(".notice").innerText')).toMatch(/No runs yet[\s\S]*Distill model/);
    await page.close();
  });

  test('every picture has its numbers as a table', async () => {
    const page = await open('theme=dark');
    for (const tab of TABS) {
      await goTo(page, tab);
      await page.click(`#panel-${tab} vscode-button[title$="as a table"]`);
      expect({ tab, rows: await ask<number>(page, `document.querySelectorAll("#panel-${tab} .table-scroll:not([hidden]) > table:not(.samples) tbody tr").length`) }).toEqual({ tab, rows: expect.toSatisfy((rows: number) => rows > 1) });
    }
    // Where the table stands from the beginning the picture was never seen, and is one all the same.
    await page.reload();
    for (const tab of TABS) {
      await goTo(page, tab);
      await page.click(`#panel-${tab} vscode-button[title$="as PNG"]`);
      await page.waitForFunction(`document.querySelector(".status").textContent.includes(${JSON.stringify(`sigdeg-${tab}.png`)}) || document.querySelector(".status").textContent.startsWith("Not saved")`);
      expect(await ask(page, 'document.querySelector(".status").textContent')).toBe(`Saved /tmp/sigdeg-${tab}.png`);
    }
    await page.close();
  });

  test('names from runs are text', async () => {
    const page = await open('theme=dark&hostile=1');
    expect(await ask(page, 'document.querySelectorAll("#app img, #app b").length')).toBe(0);
    expect(await ask(page, 'document.querySelector(".run-name").textContent')).toBe('<img src=x onerror=alert(1)><b>');
    await page.close();
  });
});
