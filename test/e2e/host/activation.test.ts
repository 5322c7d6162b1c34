/** Activation and what the extension offers to VS Code, seen from the extension host. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { suite, test } from 'mocha';

/** Of what `activate` returns. */
interface Api {
  readonly activationMs: number;
}

const extension = (): vscode.Extension<Api> => {
  const found = vscode.extensions.getExtension<Api>('sig-deg.sig-deg-explorer');
  assert.ok(found, 'the extension is installed');
  return found;
};

/** Under this a window's start is not felt; more than the time of `activate` itself may pass on a busy machine. */
const ACTIVATION_MS = 150;

suite('activation', () => {
  test('takes under 150 ms', async () => {
    const { activationMs } = await extension().activate();
    console.log(`activation: ${activationMs.toFixed(1)} ms`);
    assert.ok(activationMs < ACTIVATION_MS, `${activationMs.toFixed(0)} ms`);
  });

  test('loads nothing that computes: no tfjs, no bundle of a job', async () => {
    await extension().activate();
    const loaded = Object.keys(require.cache).filter((file) => file.startsWith(extension().extensionPath));
    assert.ok(loaded.some((file) => file.endsWith('dist/extension.js')), 'the extension is in the cache that is looked at');
    assert.deepEqual(loaded.filter((file) => /@tensorflow|dist[/\\](cli|worker)\.js/.test(file)), []);
  });

  test('every command of the manifest is there', async () => {
    await extension().activate();
    const { contributes } = extension().packageJSON as { contributes: { commands: { command: string }[] } };
    const there = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(contributes.commands.map(({ command }) => command).filter((command) => !there.has(command)), []);
  });
});
