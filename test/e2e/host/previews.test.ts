/** Previews of an experiment file, asked for as the editor asks: by its own commands, in the extension host. */
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import type { Api } from '../../../src/extension/main';
import { EventWriter } from '../../../src/store/events';
import { createRun, removeRun } from '../../../src/store/run';

const TRAINING = '{ "steps": 10, "batch": 8, "learningRate": 0.001 }';
const TEXT = `{
  "dataset": { "name": "moons" },
  "teacher": { "net": { "kind": "mlp" }, "training": ${TRAINING} },
  "students": [
    {
      "steps": 5,
      "training": ${TRAINING}
    }
  ]
}
`;

suite('previews of an experiment file', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-previews-'));
  let document: vscode.TextDocument;

  suiteSetup(async () => {
    const file = path.join(folder, 'host-test.sigdeg.json');
    fs.writeFileSync(file, TEXT);
    document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
  });

  suiteTeardown(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('a good file has no problem and can be distilled', async () => {
    const titles = await until(lensTitles, (all) => all.some((title) => title.includes('Distill')));
    assert.deepEqual(titles.map((title) => title.replace(/^\$\([\w~-]+\)\s/, '')), ['Distill', 'Evaluate', 'Open panel']);
    assert.deepEqual(ownProblems(), []);
  });

  test('a mistyped key is underlined, nothing is offered to run, and the quick fix mends it', async () => {
    await replace('"steps": 5', '"stesp": 5');
    const problems = await until(ownProblems, (all) => all.length > 0);
    const typo = problems.find(({ message }) => message.includes("did you mean 'steps'?"));
    assert.ok(typo, problems.map(({ message }) => message).join('; '));
    assert.equal(document.getText(typo.range), '"stesp"');
    // Once for each mistake: the editor's own JSON support, which takes its time, has nothing to add.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.deepEqual(vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source !== 'sigdeg').map(({ message }) => message), []);
    const titles = await until(lensTitles, (all) => all.some((title) => title.includes('problem')));
    assert.ok(!titles.some((title) => title.includes('Distill')), titles.join());

    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, typo.range, vscode.CodeActionKind.QuickFix.value);
    const fix = actions.find(({ title }) => title === "Change to 'steps'");
    assert.ok(fix?.edit, actions.map(({ title }) => title).join());
    await vscode.workspace.applyEdit(fix.edit);
    assert.equal(document.getText(), TEXT);
    await until(ownProblems, (all) => all.length === 0);
  });

  test('a rule that spans sections is told at its place', async () => {
    await replace('"steps": 5', '"steps": 5000');
    const [problem] = await until(ownProblems, (all) => all.length > 0);
    assert.equal(document.getText(problem!.range), '5000');
    await replace('"steps": 5000', '"steps": 5');
    await until(ownProblems, (all) => all.length === 0);
  });

  test('the schema completes keys and explains the choices of a value', async () => {
    await replace('"steps": 5,', '"steps": 5, "start": "",');
    const at = document.positionAt(document.getText().indexOf('"start": "') + '"start": "'.length);
    const items = await until(() => completions(at), (all) => all.some(({ label }) => labelOf(label) === '"scratch"'));
    const scratch = items.find(({ label }) => labelOf(label) === '"scratch"');
    assert.match(textOf(scratch?.documentation), /from nothing/);
    await replace('"steps": 5, "start": "",', '"steps": 5,');
  });

  test('a student that a terminal made is shown with its state, in the lens and in the hover', async () => {
    const { services } = await vscode.extensions.getExtension<Api>('sig-deg.sig-deg-explorer')!.activate();
    const { dir, manifest } = createRun(services.runs.runsDir, {
      kind: 'student', name: 'host-test-5-steps-depth-3', experiment: 'host-test', experimentFile: document.uri.fsPath, config: {}, configHash: 'x', seed: 0, parents: [], versions: {}, engine: 'auto',
    });
    try {
      const events = EventWriter.open(dir);
      events.append({ type: 'state', state: 'running' });
      events.append({ type: 'progress', step: 10, steps: 10 });
      events.append({ type: 'state', state: 'done' });
      events.close();
      services.runs.refresh();
      await until(() => services.runs.get(manifest.id)?.state, (state) => state === 'done');
      const titles = await until(lensTitles, (all) => all.some((title) => title.includes('outdated')));
      assert.deepEqual(titles.slice(-3).map((title) => title.replace(/^\$\([\w~-]+\)\s/, '')), ['done', 'outdated', 'Sample']);
      const at = document.positionAt(document.getText().indexOf('"steps": 5') + 2);
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, at);
      const texts = hovers.flatMap(({ contents }) => contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : '')));
      assert.ok(texts.some((text) => text.startsWith('**Student 5\\-steps\\-depth\\-3**: done')), texts.join('\n'));
    } finally {
      removeRun(dir);
      services.runs.refresh();
    }
  });

  function ownProblems(): vscode.Diagnostic[] {
    return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'sigdeg');
  }

  async function lensTitles(): Promise<string[]> {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri);
    return lenses.flatMap(({ command }) => command?.title ?? []);
  }

  async function completions(at: vscode.Position): Promise<vscode.CompletionItem[]> {
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, at);
    return items;
  }

  async function replace(text: string, by: string): Promise<void> {
    const start = document.getText().indexOf(text);
    assert.ok(start >= 0, `${text} is not in ${document.getText()}`);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(start + text.length)), by);
    assert.ok(await vscode.workspace.applyEdit(edit));
  }
});

const labelOf = (label: string | vscode.CompletionItemLabel): string => (typeof label === 'string' ? label : label.label);
const textOf = (text: string | vscode.MarkdownString | undefined): string => (typeof text === 'string' ? text : (text?.value ?? ''));

/** What `read` gives once it is as it should be; after 10 s whatever it gives. */
async function until<T>(read: () => T | Promise<T>, isGood: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 10_000; ;) {
    const value = await read();
    if (isGood(value) || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
