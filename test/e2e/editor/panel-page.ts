/** The panel's page in the editor, by role and name. */
import type { Frame, FrameLocator, Locator, Page } from 'playwright-core';
import { APPEARS_MS } from './workbench';

export const VIEW_TITLES = ['Loss', 'Quality', 'Samples', 'Path error', 'Flow', 'Brownian'] as const;
export type ViewTitle = (typeof VIEW_TITLES)[number];

export class PanelPage {
  readonly inside: FrameLocator;

  constructor(page: Page) {
    this.inside = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** The host has sent its runs. */
  async ready(): Promise<void> {
    await this.inside.locator('#app[data-ready]').waitFor({ timeout: 60_000 });
  }

  tab(title: ViewTitle): Locator {
    return this.inside.getByRole('tab', { name: title, exact: true });
  }

  async chosenTab(): Promise<string> {
    return this.inside.getByRole('tab', { selected: true }).innerText();
  }

  async choose(title: ViewTitle): Promise<void> {
    await this.tab(title).click();
    await this.view.waitFor({ timeout: APPEARS_MS });
  }

  /** The chosen tab's panel. */
  get view(): Locator {
    return this.inside.getByRole('tabpanel');
  }

  /** The view has drawn what it asked for: neither a notice nor a question is open. */
  async drawn(timeout = APPEARS_MS): Promise<void> {
    await this.view.locator('section.figure:not([aria-busy])').waitFor({ timeout });
  }

  /** What the chart says of itself to those who cannot see it. */
  async summary(): Promise<string> {
    return (await this.view.locator('canvas').first().getAttribute('aria-label', { timeout: APPEARS_MS })) ?? '';
  }

  slider(name: string): Locator {
    return this.view.getByRole('slider', { name });
  }

  /** Rows of the table that stands for a chart: cells' texts. Shown for a moment if it is not. */
  async table(): Promise<string[][]> {
    const button = this.view.getByRole('button', { name: / as a table$/ });
    const table = this.view.getByRole('table');
    const shown = await table.isVisible();
    if (!shown) await button.click();
    await table.waitFor({ timeout: APPEARS_MS });
    const rows = await table.locator('tbody tr').all();
    const cells = await Promise.all(rows.map((row) => row.locator('th,td').allInnerTexts()));
    if (!shown) await button.click();
    return cells;
  }

  /** The row of a run in the list. */
  run(name: string | RegExp): Locator {
    return this.inside.getByRole('navigation', { name: 'Choose runs' }).getByRole('listitem').filter({ hasText: name });
  }

  async chosenRuns(): Promise<string[]> {
    const boxes = this.inside.getByRole('navigation', { name: 'Choose runs' }).getByRole('checkbox', { checked: true });
    return await boxes.evaluateAll((all: { id: string }[]) => all.map(({ id }) => id.replace(/^run-/, '')));
  }

  /** The page's own frame, to run scripts in. */
  async frame(): Promise<Frame> {
    const handle = await this.inside.locator('html').elementHandle({ timeout: APPEARS_MS });
    const frame = await handle?.ownerFrame();
    if (!frame) throw new Error('the panel has no frame');
    return frame;
  }
}
