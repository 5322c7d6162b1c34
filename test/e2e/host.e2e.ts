/** The tests that run inside the editor's extension host. */
import { expect, test } from 'vitest';
import { useEditor } from './editor/editor';
import { runHostTests } from './editor/host-tests';

const editor = useEditor('host');

test('all tests pass in the extension host', async () => {
  const { exit, results, log } = await runHostTests(editor());
  process.stderr.write(`${log.split('\n').filter((line) => line.includes('activation: ')).join('\n')}\n${results.map(({ title, error }) => `${error === undefined ? '✓' : '×'} ${title}`).join('\n')}\n`);
  expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(results.length, log).toBeGreaterThan(0);
  expect(exit, log).toBe(0);
}, 960_000);
