/**
 * Runs the compiled tests of `test/e2e/host` in an editor's extension host, the way VS Code's own web tests do: the address names the extension and the
 * tests, the page reports through two functions. The extension is the installed one, so what is tested is the package.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { format } from 'node:util';
import type { HostResult } from '../host/index';
import { HOST_TESTS } from '../provision/places';
import type { Editor } from './editor';

const LIMIT_MS = 900_000;

export interface HostRun {
  readonly exit: number;
  readonly results: readonly HostResult[];
  /** What the tests printed. */
  readonly log: string;
}

export async function runHostTests(editor: Editor): Promise<HostRun> {
  const { server, profile, browser } = editor;
  const uri = (file: string): string => `vscode-remote://${server.authority}${file}`;
  const payload = [['extensionDevelopmentPath', uri(editor.installed)], ['extensionTestsPath', uri(path.join(HOST_TESTS, 'index.js'))], ['skipWelcome', 'true']];
  const page = await browser.newPage();
  const lines: string[] = [];
  try {
    let timer: NodeJS.Timeout | undefined;
    const exit = await new Promise<number>((resolve, reject) => {
      timer = setTimeout(() => { reject(new Error(`the tests in the extension host did not end in ${LIMIT_MS / 1000} s:\n${lines.join('\n')}`)); }, LIMIT_MS);
      browser.once('disconnected', () => { reject(new Error(`the browser has ended before the tests in the extension host:\n${lines.join('\n')}`)); });
      const start = async (): Promise<void> => {
        await page.exposeFunction('codeAutomationLog', (_: string, words: unknown[]) => { lines.push(format(...words)); });
        await page.exposeFunction('codeAutomationExit', (code: number) => { resolve(code); });
        await page.goto(`${editor.url}&payload=${encodeURIComponent(JSON.stringify(payload))}`, { timeout: 60_000 });
      };
      start().catch(reject);
    }).finally(() => { clearTimeout(timer); });
    const file = path.join(profile.dir, 'host-tests.json');
    const results = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as HostResult[]) : [];
    return { exit, results, log: lines.join('\n') };
  } finally {
    fs.writeFileSync(path.join(profile.dir, 'host-tests.log'), lines.join('\n'));
    if (browser.isConnected()) await page.close();
  }
}
