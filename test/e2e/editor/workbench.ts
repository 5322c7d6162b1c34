/** What a user sees and touches of VS Code's window, by role and name. */
import type { Locator, Page } from 'playwright-core';

export const APPEARS_MS = 30_000;

export class Workbench {
  constructor(readonly page: Page) {}

  /** The extension's icon in the activity bar; there as soon as the editor has read what extensions contribute. */
  get container(): Locator {
    return this.page.getByRole('tablist', { name: 'Active View Switcher' }).getByRole('tab', { name: /^Sig-DEG/ });
  }

  async ready(): Promise<void> {
    await this.container.waitFor({ timeout: 60_000 });
  }

  /** Shows the tree. A click on the icon of an open container would hide it. */
  async showTree(): Promise<void> {
    if ((await this.container.getAttribute('aria-selected')) !== 'true' && (await this.container.getAttribute('aria-expanded')) !== 'true') await this.container.click();
    await this.page.getByRole('heading', { name: /Sig-DEG/ }).first().waitFor({ timeout: APPEARS_MS });
  }

  get tree(): Locator {
    return this.page.getByRole('tree', { name: /Experiments/ });
  }

  treeItem(name: string | RegExp): Locator {
    return this.tree.getByRole('treeitem', { name });
  }

  async unfold(item: Locator): Promise<void> {
    if ((await item.getAttribute('aria-expanded')) === 'false') await item.locator('.monaco-tl-twistie').click();
  }

  /** The box of the palette, of quick picks and of inputs. */
  get input(): Locator {
    return this.page.locator('.quick-input-widget input[type=text]:visible, .quick-input-widget input:not([type]):visible').first();
  }

  /** Rows of an open list; where several may be picked a row is a checkbox, otherwise an option. */
  choices(text?: string | RegExp): Locator {
    const list = this.page.locator('.quick-input-list');
    const all = list.getByRole('option').or(list.getByRole('checkbox')).and(list.locator('.monaco-list-row'));
    return text === undefined ? all : all.filter({ hasText: text });
  }

  async openPalette(typed: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.input.waitFor({ timeout: APPEARS_MS });
    await this.input.fill(`>${typed}`);
  }

  /** Runs a command by its full title, `Sig-DEG: Open panel`. */
  async run(title: string): Promise<void> {
    await this.openPalette(title);
    await this.choices(title).first().waitFor({ timeout: APPEARS_MS });
    await this.input.press('Enter');
  }

  /** Picks from an open list, by what the row says. */
  async choose(text: string | RegExp): Promise<void> {
    await this.choices(text).first().waitFor({ timeout: APPEARS_MS });
    await this.choices(text).first().click();
  }

  async dismiss(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.page.keyboard.press('Escape');
  }

  notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item').allInnerTexts();
  }

  /** A button of a modal dialog. */
  dialogButton(name: string | RegExp): Locator {
    return this.page.getByRole('dialog').getByRole('button', { name });
  }
}
