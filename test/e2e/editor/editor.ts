/** One editor with one window: the packed extension in it, everything that happens written down, a picture after every step. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { program } from '../provision/debian';
import { SCREENSHOTS } from '../provision/places';
import { marked, processesOf } from './processes';
import { makeProfile, type Profile } from './profile';
import { startServer, type Server } from './server';
import { Workbench } from './workbench';

export interface EditorOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** The workspace begins untrusted, as a folder that was just downloaded. */
  readonly restricted?: boolean;
  /** Fills the workspace before the editor starts. */
  readonly prepare?: (workspace: string) => void | Promise<void>;
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Sandboxes need rights that a container's root lacks; the only pages are the editor's own. */
const BROWSER_FLAGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

export class Editor {
  readonly workbench: Workbench;

  private constructor(readonly profile: Profile, readonly server: Server, readonly browser: Browser, readonly page: Page) {
    this.workbench = new Workbench(page);
  }

  static async open(name: string, options: EditorOptions = {}): Promise<Editor> {
    const profile = makeProfile(name, { 'security.workspace.trust.enabled': options.restricted === true, ...options.settings }, options.machineSettings ?? {});
    await options.prepare?.(profile.workspace);
    const server = await startServer(profile, options.restricted === true);
    try {
      const browser = await chromium.launch({ executablePath: program('chromium'), args: BROWSER_FLAGS, env: { ...stringsOf(process.env), ...marked(server.id) }, timeout: 120_000 });
      const page = await browser.newPage({ viewport: options.viewport ?? { width: 1400, height: 900 } });
      const editor = new Editor(profile, server, browser, page);
      editor.listen();
      await page.goto(editor.url, { timeout: 60_000 });
      await editor.workbench.ready();
      return editor;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get url(): string {
    return `http://${this.server.authority}/?folder=${encodeURIComponent(this.profile.workspace)}`;
  }

  /** Where VS Code unpacked the extension. */
  get installed(): string {
    const name = fs.readdirSync(this.profile.extensions).find((one) => one.startsWith('sig-deg.sig-deg-explorer-'));
    if (name === undefined) throw new Error(`the extension is not in ${this.profile.extensions}`);
    return path.join(this.profile.extensions, name);
  }

  private listen(): void {
    const file = path.join(this.profile.dir, 'browser-console.log');
    const note = (line: string): void => { fs.appendFileSync(file, `${line}\n`); };
    this.page.on('console', (message) => { note(`${message.type()}: ${message.text()}`); });
    this.page.on('pageerror', (error) => { note(`pageerror: ${error.message}`); });
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name.replace(/[^\w@.-]+/g, '-').replace(/^-|-$/g, '')}.png`), timeout: 20_000 });
  }

  /** As a user does it. (Reloading the browser's page instead loses what VS Code has not written yet; it writes its windows' state every five seconds.) */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load', { timeout: 60_000 });
    await this.workbench.run('Developer: Reload Window');
    await loaded;
    await this.workbench.ready();
  }

  /** Processes of jobs: they go on without a window. */
  jobs(): string[] {
    return processesOf(this.server.id).map(({ command }) => command).filter(isJob);
  }

  /** Jobs are killed, whatever they do. @returns command lines of what else did not end by itself */
  async close(): Promise<string[]> {
    await this.browser.close();
    const left = (await this.server.stop()).filter((command) => !isJob(command));
    fs.rmSync(this.profile.extensions, { recursive: true, force: true });
    return left;
  }
}

const isJob = (command: string): boolean => /dist\/(cli|worker|heartbeat)\.js/.test(command);
const stringsOf = (env: NodeJS.ProcessEnv): Record<string, string> => Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/**
 * The editor of a test file: opened before its first test, closed after its last, a screenshot after each. The returned function gives it to the tests.
 * @param name of the folder under the output, and the first word of the screenshots
 */
export function useEditor(name: string, options: EditorOptions = {}): () => Editor {
  let editor: Editor | undefined;
  let count = 0;
  let broken = false;
  beforeAll(async () => { editor = await Editor.open(name, options); });
  // The steps of a scenario build on each other: after the first failure the rest says nothing.
  beforeEach(({ skip }) => { skip(broken, 'a step before it failed'); });
  afterEach(async ({ task }) => {
    count += 1;
    const failed = task.result?.state === 'fail';
    broken ||= failed;
    await editor?.screenshot(`${name}-${String(count).padStart(2, '0')}-${failed ? 'FAILED-' : ''}${task.name}`);
    if (failed && editor) process.stderr.write(await circumstances(editor));
  });
  afterAll(async () => {
    const left = (await editor?.close()) ?? [];
    expect(left, 'processes that did not end with the editor').toEqual([]);
  });
  return () => {
    if (editor === undefined) throw new Error('the editor is open only while tests run');
    return editor;
  };
}

/** What helps to understand a failure. */
async function circumstances(editor: Editor): Promise<string> {
  const logs = fs.readdirSync(editor.profile.user, { recursive: true, encoding: 'utf8' }).filter((file) => /Sig-DEG.*\.log$/.test(file));
  const tail = (file: string): string => fs.readFileSync(path.join(editor.profile.user, file), 'utf8').split('\n').slice(-20).join('\n');
  return [
    `screenshots: ${SCREENSHOTS}`, `notifications: ${JSON.stringify(await editor.workbench.notifications().catch(() => []))}`, `jobs: ${JSON.stringify(editor.jobs())}`,
    ...logs.map((file) => `${file}:\n${tail(file)}`), '',
  ].join('\n');
}
