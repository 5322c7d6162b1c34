import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { isModel, isResumable, isRunning, isTeacher } from '../../src/extension/run-filters';
import { STATES } from '../../src/extension/tree/run-filter';
import { RUN_KINDS, type RunSummary } from '../../src/store/run';
import { runOf } from '../support/experiment-text';
import { ROOT } from '../support/modules';

interface MenuItem { readonly command: string; readonly when: string; readonly group?: string }
const { menus } = (JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { contributes: { menus: Record<string, MenuItem[]> } }).contributes;
const whens = (menu: string, command: string): string[] => menus[menu]!.filter((item) => item.command === command).map(({ when }) => when);
/** The regular expression after a key. */
const pattern = (when: string, key: string): RegExp => new RegExp(new RegExp(`${key} =~ /(.*?[^\\\\])/(?= |\\)|$)`).exec(when)![1]!);

const RUNS: readonly RunSummary[] = RUN_KINDS.flatMap((kind) => STATES.map((state) => runOf(kind, 'x', { state })));

test.each([
  ['sample', isModel], ['evaluate', isModel], ['exportModel', isModel], ['distillModel', isTeacher], ['resume', isResumable], ['pause', isRunning],
] as const)('the tree offers %s for the runs that it works on, and no others', (command, fits) => {
  for (const when of whens('view/item/context', `sigdeg.${command}`)) {
    const offered = RUNS.filter(({ kind, state }) => pattern(when, 'viewItem').test(`run.${kind}.${state}`));
    expect(offered).toEqual(RUNS.filter(fits));
  }
});

test('a run alone is not compared, a damaged one is found, and what needs a finished model waits for one', () => {
  expect(whens('view/item/context', 'sigdeg.compare')).toEqual(['view == sigdeg.runs && (viewItem == experiment || listMultiSelection && viewItem =~ /^run\\./)']);
  expect(pattern(whens('view/item/context', 'sigdeg.revealFolder')[0]!, 'viewItem').test('broken')).toBe(true);
  for (const command of ['sample', 'evaluate', 'exportModel']) expect(whens('commandPalette', `sigdeg.${command}`)).toEqual(['sigdeg.hasModels']);
});

test('of files those are distilled that can be read', () => {
  const [when] = whens('explorer/context', 'sigdeg.distillModel');
  const offered = ['a.sigdeg.json', 'a.npy', 'train-images-idx3-ubyte', 'train-images.idx3-ubyte.gz', 'a.npy.gz', 'a.sigdeg.json.gz', 'a.json'].filter((name) => pattern(when!, 'resourceFilename').test(name));
  expect(offered).toEqual(['a.sigdeg.json', 'a.npy', 'train-images-idx3-ubyte', 'train-images.idx3-ubyte.gz']);
});
