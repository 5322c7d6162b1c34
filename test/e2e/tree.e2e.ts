/** The tree of runs in the editor, on fixture runs: places, live figures, pictures, hover, filter, what cannot be read. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { samplePicture } from '../../src/report/pictures';
import type { RunEventBody } from '../../src/store/events';
import { evaluationRow, eventLines, makeRun, makeRuns } from '../bench/make-runs';
import { useEditor } from './editor/editor';

const HOSTILE = '<img src=x onerror=alert(1)>[x](command:workbench.action.closeWindow)';
const TRAINING = { steps: 2500, batch: 512, learningRate: 0.003 };
const COMMON = { dataset: { name: '8-gaussians' }, teacher: { net: { kind: 'mlp', width: 64, blocks: 2 }, prediction: 'v', training: TRAINING } };
const SIZE = 20_000;

let runsDir = '';
let [teacher, student] = ['', ''];
const minute = (n: number): string => new Date(Date.UTC(2027, 0, 1, 10, n)).toISOString();
const trained = (loss: number): RunEventBody[] => [{ type: 'state', state: 'running' }, { type: 'scalar', name: 'train.loss', step: 1500, value: loss }, { type: 'progress', step: 1500, steps: 1500, phase: 'train' }, { type: 'state', state: 'done' }];

/** Points on a ring, as a picture in the run's folder. */
function draw(run: string, radius: number): void {
  const points = Float32Array.from({ length: 2 * SIZE }, (_, i) => {
    const angle = (Math.floor(i / 2) % 8) * (Math.PI / 4);
    const blur = 0.12 * Math.sin(0.7 * i) * Math.cos(0.013 * i * i);
    return radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + blur;
  });
  fs.mkdirSync(path.join(runsDir, run, 'samples'), { recursive: true });
  fs.writeFileSync(path.join(runsDir, run, 'samples', 'grid.png'), samplePicture(points, [2]));
}

function fill(workspace: string): void {
  runsDir = path.join(workspace, '.sigdeg', 'runs');
  makeRuns(runsDir, 32);
  const experiment = '8-gaussians';
  teacher = makeRun(runsDir, { kind: 'teacher', name: experiment, experiment, created: minute(0), config: COMMON }, trained(0.412));
  const paths = makeRun(runsDir, { kind: 'paths', name: experiment, experiment, created: minute(1), parents: [teacher], config: { ...COMMON, paths: { kind: 'full', count: 12288 } } }, [{ type: 'state', state: 'running' }, { type: 'progress', step: 6, steps: 6 }, { type: 'state', state: 'done' }]);
  const distilled = (steps: number, depth: number, at: number, events: RunEventBody[]): string => makeRun(runsDir, {
    kind: 'student', name: `${experiment}-${steps}-steps-depth-${depth}`, experiment, created: minute(at), parents: [teacher, paths],
    config: { ...COMMON, student: { steps, depth, start: 'teacher', recurrence: 'shared', grid: 'quad', training: { ...TRAINING, steps: 1500 } } },
  }, events);
  const good = distilled(5, 3, 2, trained(0.00269));
  distilled(5, 1, 3, [{ type: 'state', state: 'running' }, { type: 'progress', step: 300, steps: 1500 }, { type: 'state', state: 'failed', error: { code: 'NAN_LOSS', message: `the loss became NaN ${HOSTILE}` } }]);
  student = distilled(10, 3, 4, [{ type: 'state', state: 'running' }, { type: 'scalar', name: 'train.loss', step: 400, value: 0.0071 }, { type: 'progress', step: 400, steps: 1500, phase: 'train' }]);
  fs.writeFileSync(path.join(runsDir, student, 'lease.json'), JSON.stringify({ host: os.hostname(), pid: process.pid, time: Date.now() + 50_000, owner: 'test' }));
  draw(makeRun(runsDir, { kind: 'samples', name: 'x', created: minute(5), parents: [good], config: { model: good, sampler: 'sig-deg', steps: 5, n: 20000, seed: 1 } }, trained(0)), 1.2);
  const rows = [0.054, 0.055, 0.06].flatMap((value, seed): RunEventBody[] => [
    { type: 'eval', row: evaluationRow({ run: good, sampler: 'sig-deg', steps: 5, depth: 3, value, seed }) },
    { type: 'eval', row: evaluationRow({ run: teacher, sampler: 'ddim', steps: 5, value: 0.094, seed }) },
  ]);
  makeRun(runsDir, { kind: 'evaluation', name: experiment, experiment, created: minute(6), parents: [teacher, good, student], config: { ...COMMON, evaluation: { count: 8192, seeds: 3, samplers: ['ddim', 'sig-deg'], steps: [5] } } }, [...rows, { type: 'state', state: 'done' }]);
  makeRun(runsDir, { kind: 'teacher', name: 'hostile', experiment: HOSTILE, created: minute(-10) }, []);
  makeRun(runsDir, { kind: 'teacher', name: 'newer', id: 'from-tomorrow', format: 99 }, []);
}

const editor = useEditor('tree', { prepare: fill });

test('experiments, teachers and students stand in the tree, hostile names as text', async () => {
  const { workbench, page } = editor();
  await workbench.showTree();
  await workbench.treeItem(/^Experiment 8-gaussians, 1 running, 1 failed|^Experiment 8-gaussians/).waitFor();
  await workbench.treeItem(/^Student, 10 steps, depth 3, running, step 400 of 1500/).waitFor();
  await workbench.treeItem(/^Student, 5 steps, depth 3, done.*0\.917 × floor \(SWD 0\.055\)/).waitFor();
  await workbench.treeItem(/Run from-tomorrow, of a newer version/).waitFor();
  expect(await workbench.tree.getByText(HOSTILE.slice(0, 40)).count()).toBeGreaterThan(0);
  expect(await page.locator('.monaco-list img[src="x"]').count()).toBe(0);
});

test('a run that goes on is drawn again by itself', async () => {
  const { workbench } = editor();
  fs.appendFileSync(path.join(runsDir, student, 'events.jsonl'), eventLines([{ type: 'scalar', name: 'train.loss', step: 900, value: 0.0042 }, { type: 'progress', step: 900, steps: 1500, phase: 'train' }], 3));
  await workbench.treeItem(/^Student, 10 steps, depth 3, running, step 900 of 1500, loss 0\.0042/).waitFor({ timeout: 5000 });
});

test('the hover shows the newest samples and the main lines of the config', async () => {
  const { workbench, page } = editor();
  await workbench.treeItem(/^Student, 5 steps, depth 3/).hover();
  const hover = page.locator('.workbench-hover-container').filter({ hasText: 'learning rate' });
  await hover.waitFor({ timeout: 10_000 });
  const picture = hover.locator('img');
  await picture.waitFor();
  await expect.poll(() => picture.evaluate((image: { naturalWidth?: number }) => image.naturalWidth)).toBeGreaterThan(0);
  await editor().screenshot('tree-hover');
  await page.mouse.move(900, 500);
  await workbench.treeItem(/^Student, 5 steps, depth 1/).hover();
  await page.locator('.workbench-hover-container').filter({ hasText: 'NAN_LOSS' }).waitFor({ timeout: 10_000 });
  await editor().screenshot('tree-hover-failed');
  await page.mouse.move(900, 500);
});

test('the filter takes words and states, and is cleared', async () => {
  const { workbench, page } = editor();
  await workbench.run('Sig-DEG: Filter runs…');
  await workbench.input.fill('8-gaussians student');
  await page.getByText(/Filter: «8-gaussians student» · 3 of/).waitFor({ timeout: 10_000 });
  await workbench.treeItem(/^Paths/).waitFor({ state: 'detached', timeout: 5000 });
  await editor().screenshot('tree-filtering');
  await workbench.input.press('Enter');
  await workbench.run('Sig-DEG: Clear filter');
  await workbench.treeItem(/^Paths/).first().waitFor();
});

test('runs that are deleted while shown go, and an empty tree says what to do', async () => {
  const { workbench, page } = editor();
  fs.rmSync(path.join(runsDir, student), { recursive: true });
  await workbench.treeItem(/^Student, 10 steps, depth 3, running/).waitFor({ state: 'detached', timeout: 5000 });
  fs.rmSync(runsDir, { recursive: true });
  await page.getByRole('button', { name: 'Distill model' }).first().waitFor({ timeout: 10_000 });
});
