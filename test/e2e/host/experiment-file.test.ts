/** An experiment file in the editor: problems at their places, completion from the schema, actions above the sections. */
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { suite, test } from 'mocha';

const workspace = (): string => {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'a folder is open');
  return folder.uri.fsPath;
};

async function open(name: string, text: string): Promise<vscode.TextDocument> {
  const file = path.join(workspace(), name);
  fs.writeFileSync(file, text);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  return document;
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not come in 20 s`);
}

const example = (): string => {
  const extension = vscode.extensions.getExtension('sig-deg.sig-deg-explorer');
  assert.ok(extension);
  return fs.readFileSync(path.join(extension.extensionPath, 'media', 'examples', '8-gaussians.sigdeg.json'), 'utf8');
};

suite('an experiment file', () => {
  test('a good one has no problems, and offers to distil', async () => {
    const { uri } = await open('good.sigdeg.json', example());
    const titles = await until('a CodeLens', async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[] | undefined>('vscode.executeCodeLensProvider', uri, 50);
      return lenses !== undefined && lenses.length > 0 ? lenses.map(({ command }) => command?.title ?? '') : undefined;
    });
    assert.ok(titles.some((title) => title.includes('Distill')), titles.join(', '));
    assert.deepEqual(vscode.languages.getDiagnostics(uri).map(({ message }) => message), []);
  });

  test('a wrong value is marked where it stands', async () => {
    const document = await open('bad.sigdeg.json', example().replace(/"steps": \d+/, '"steps": -3'));
    const problem = await until('a problem', () => vscode.languages.getDiagnostics(document.uri).find(({ range }) => document.lineAt(range.start.line).text.includes('-3')));
    assert.ok(problem.message.length > 0);
  });
});
