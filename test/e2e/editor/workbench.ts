/** What a user sees and touches of VS Code's window, by role and name. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export const APPEARS_MS = 30_000;
/** After that an attempt has failed. */
const SOON_MS = 4000;

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
    await this.persist(() => this.openBox('F1', `>${typed}`));
  }

  /** Runs a command by its full title, `Sig-DEG: Open panel`. An open palette does not learn of commands that have begun to make sense: it is opened again. */
  async run(title: string): Promise<void> {
    await this.persist(async () => {
      await this.openBox('F1', `>${title}`);
      await this.choices(title).first().waitFor({ timeout: SOON_MS });
      await this.input.press('Enter', { timeout: SOON_MS });
    });
  }

  /** By the name that the list has for it. */
  async colourTheme(name: string): Promise<void> {
    await this.persist(async () => {
      await this.page.keyboard.press('Control+k');
      await this.page.keyboard.press('Control+t');
      const box = this.page.getByPlaceholder(/Color Theme/);
      await box.fill(name, { timeout: SOON_MS });
      await this.choices(name).first().waitFor({ timeout: SOON_MS });
      await box.press('Enter', { timeout: SOON_MS });
    });
  }

  private async openBox(key: string, typed: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.input.fill(typed, { timeout: SOON_MS });
  }

  /** A page inside the window that is only just coming up swallows keys, and a box closes when the focus goes back to such a page: then the same again. */
  private async persist(attempt: () => Promise<void>): Promise<void> {
    const deadline = Date.now() + APPEARS_MS;
    for (;;) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await this.dismiss();
      }
    }
  }

  /** Picks from an open list, by what the row says. */
  async choose(text: string | RegExp): Promise<void> {
    await this.choices(text).first().waitFor({ timeout: APPEARS_MS });
    await this.choices(text).first().click();
  }

  /** Types into the box with this title and goes on; without a text as it stands. */
  async answer(title: string | RegExp, text?: string): Promise<void> {
    await this.page.locator('.quick-input-widget:visible .quick-input-title', { hasText: title }).waitFor({ timeout: APPEARS_MS });
    if (text !== undefined) await this.input.fill(text);
    await this.input.press('Enter');
  }

  /** The editor's own dialog for files, which begins in the workspace's folder. It takes a while to see what is typed, so names are clicked and paths taken as proposed. */
  async fileDialog(title: RegExp): Promise<Locator> {
    const dialog = this.page.locator('.quick-input-widget:visible').filter({ has: this.page.locator('.quick-input-title', { hasText: title }) });
    await dialog.waitFor({ timeout: APPEARS_MS });
    await expect.poll(() => this.input.inputValue(), { timeout: APPEARS_MS }).toMatch(/^\//);
    return dialog;
  }

  /** Opens a file of the workspace. */
  async openFile(name: string): Promise<void> {
    await this.persist(async () => {
      await this.openBox('Control+p', name);
      await this.choices(name).first().click({ timeout: SOON_MS });
    });
    await this.editorTab(name).waitFor({ timeout: APPEARS_MS });
  }

  editorTab(name: string | RegExp): Locator {
    return this.page.locator('.tabs-container').getByRole('tab', { name });
  }

  /** A line that stands above a section of an experiment file. */
  lens(text: string | RegExp): Locator {
    return this.page.locator('.codelens-decoration a', { hasText: text }).first();
  }

  statusBar(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text }).first();
  }

  async dismiss(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.page.keyboard.press('Escape');
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  /** Those of running jobs stay. */
  async clearNotifications(): Promise<void> {
    await this.run('Notifications: Clear All Notifications');
    await this.page.locator('.notifications-toasts .notification-list-item', { hasNotText: 'Cancel' }).first().waitFor({ state: 'detached', timeout: APPEARS_MS });
    // Of more than three within 800 ms the editor shows the others in its list only (its protection against spam): the next one shall be seen.
    await this.page.waitForTimeout(400);
  }

  notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item').allInnerTexts();
  }

  /** A button of a modal dialog. */
  dialogButton(name: string | RegExp): Locator {
    return this.page.getByRole('dialog').getByRole('button', { name });
  }
}
