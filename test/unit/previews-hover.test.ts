import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readExperimentText } from '../../src/extension/previews/experiment-text';
import { escaped, evaluationHover, studentHover, teacherHover } from '../../src/extension/previews/hover-text';
import { InlineNotes } from '../../src/extension/previews/inline-notes';
import { matchRuns, type MatchedRuns } from '../../src/extension/previews/matching';
import { pictureStrip } from '../../src/extension/previews/picture-strip';
import { RunFigures, type Figures } from '../../src/extension/previews/run-figures';
import { encodePng } from '../../src/formats/png';
import type { EvaluationRow } from '../../src/store/evaluation-row';
import { readEvents } from '../../src/store/events';
import type { RunKind, RunSummary } from '../../src/store/run';
import { experimentText, FILE, runOf, student } from '../support/experiment-text';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'previews-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const png = (width: number, height: number): Uint8Array => encodePng({ width, height, channels: 1, data: new Uint8Array(width * height) });

/** A run with a folder of its own. */
function onDisk(kind: RunKind, name: string, more: Partial<RunSummary>, { events = [], pictures = {} }: { events?: object[]; pictures?: Record<string, Uint8Array> } = {}): RunSummary {
  const run = runOf(kind, name, more);
  const dir = path.join(folder, run.id);
  fs.mkdirSync(path.join(dir, 'samples'), { recursive: true });
  fs.writeFileSync(path.join(dir, 'events.jsonl'), events.map((event, seq) => `${JSON.stringify({ seq, time: seq * 1000, ...event })}\n`).join(''));
  for (const [file, bytes] of Object.entries(pictures)) fs.writeFileSync(path.join(dir, 'samples', file), bytes);
  return { ...run, dir };
}

const row = (run: string, more: Partial<EvaluationRow>): object => ({
  type: 'eval',
  row: {
    run, sampler: 'sig-deg', steps: 5, nfe: 5, n: 1000, seed: 1, metric: 'swd', value: 0.05, floor: { median: 0.04, min: 0.03, max: 0.06 }, seconds: 0.2, grid: 'quad', settings: {}, depth: 3,
    weights: 'ema', units: 'model', reference: 'T ddpm@1000', ...more,
  } satisfies EvaluationRow,
});

const file = readExperimentText(experimentText(student('"steps": 5')), FILE);
const made = onDisk('student', 'rings-5-steps-depth-3', { id: 'S', config: { dataset: { name: '8-gaussians' } } });
const sampled = onDisk('samples', 's', { id: 'P', parents: ['S'], config: { n: 16 } }, { pictures: { 'grid.png': png(320, 320) } });
const evaluated = onDisk('evaluation', 'rings', { id: 'E', parents: ['T', 'S'] }, {
  events: [row('S', {}), row('S', { metric: 'pathwise-rmse', value: 0.125, floor: null }), row('T', { sampler: 'ddpm', depth: null, value: 0.08 }), row('T', { sampler: 'ddpm', steps: 1000, nfe: 1000, depth: null, value: 0.04 })],
});
const matches = (runs: readonly RunSummary[], of = file): MatchedRuns => matchRuns(of, runs);
/** As the editor puts them together, with all rows read anew. */
function figuresOf(read = new RunFigures()): Figures {
  return { pace: (run) => read.pace(run), picture: (run) => read.picture(run), rows: ({ dir }) => readEvents(dir).flatMap((event) => (event.type === 'eval' ? [event.row] : [])) };
}
const situation = () => ({ figures: figuresOf(), now: 0 });

test('the hover of a student has its state, its numbers and its newest picture', () => {
  const hover = studentHover(matches([evaluated, sampled, made]).students[0]!, situation())!;
  expect(hover.markdown).toContain('**Student 5\\-steps\\-depth\\-3**: done');
  expect(hover.markdown.replaceAll('&emsp;', '')).toContain('|  | SWD | × floor | path RMSE | time |\n| :-- | --: | --: | --: | --: |\n| 5 steps | 0.05 | 1.25 | 0.125 | 200 ms |');
  expect(hover.picture).toBe(path.join(sampled.dir, 'samples', 'grid.png'));
});

test('the hover of a sweep counts its students, compares them, and names those that are not done', () => {
  const sweep = readExperimentText(experimentText(student('"sweep": { "steps": [5], "depth": [3, 6] }')), FILE);
  const failed = onDisk('student', 'rings-5-steps-depth-6', { id: 'F', state: 'lost', step: 7 });
  const { markdown } = studentHover(matches([failed, evaluated, sampled, made], sweep).students[0]!, situation())!;
  expect(markdown).toContain('**Students of the sweep**: 1 of 2 done, 1 lost\n\n5\\-steps\\-depth\\-6: lost at 7/100\n\n|');
  expect(markdown).toContain('| 5\\-steps\\-depth\\-3, 5 steps |');
});

test('the hover of an evaluation compares every sampler, and tells the floor', () => {
  const { markdown } = evaluationHover(matches([evaluated, made]).evaluation!, situation());
  expect(markdown.replaceAll('&emsp;', '').split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split(' | ').slice(0, 3).join(' | '))).toEqual([
    '|  | SWD | × floor', '| :-- | --: | --:', '| DDPM ancestral \\@ 5 | 0.08 | 2', '| Sig\\-DEG student, depth 3 \\@ 5 | 0.05 | 1.25', '| Teacher | 0.04 | 1',
  ]);
  expect(markdown).toContain('1000 samples, 1 seed; floor (the teacher against itself) 0.04, range 0.03–0.06');
});

test('a run that failed says why, as text', () => {
  const failed = onDisk('teacher', 'rings', { state: 'failed', step: 4, error: { code: 'NAN_LOSS', message: '![x](https://x.y/z.png) <img src=x> $(trash) | `a`\n# b' } });
  const { markdown } = teacherHover(matches([failed]).teacher!, situation());
  expect(markdown).toContain('failed at 4/100');
  expect(markdown).toContain(String.raw`NAN\_LOSS: \!\[x\]\(https\://x\.y/z\.png\) \<img src=x\> \$\(trash\) \| \`a\`\\u000a\# b`);
});

test('no text from a run is more than text', () => {
  for (const hostile of ['[a](command:x)', '<b>', '**b**', 'a|b', '&lt;', '$(x)', '`c`', 'https://a.b', 'me@a.b', '![](x)']) {
    expect(escaped(hostile).replace(/\\[^\w\s]/g, '').replaceAll('&amp;', '')).not.toMatch(/[[\]()<>*`|$!&@:]/);
  }
});

test('in the line of a student: its picture, as tall as the line, and its figures', () => {
  const [note] = new InlineNotes().notes(file, matches([evaluated, sampled, made]), figuresOf(), 16);
  expect(note!.text).toBe('SWD 0.05 (1.25 × floor) · path RMSE 0.125');
  const svg = Buffer.from(note!.picture!.split(',')[1]!, 'base64').toString();
  expect(svg).toContain('width="16" height="16" viewBox="0 0 320 320"');
  expect(new InlineNotes().notes(file, matches([made]), figuresOf(), 16)).toEqual([]);
});

test('a newer picture takes the place of an older one once the run is said to have changed', () => {
  const figures = new RunFigures();
  const run = onDisk('samples', 's', { parents: ['S'] }, { pictures: { 'a.png': png(4, 4) } });
  const newest = (): string => path.basename(figures.picture(run)!.file);
  expect(newest()).toBe('a.png');
  fs.writeFileSync(path.join(run.dir, 'samples', 'b.png'), png(4, 4));
  fs.utimesSync(path.join(run.dir, 'samples', 'b.png'), Date.now() / 1000 + 5, Date.now() / 1000 + 5);
  expect(newest()).toBe('a.png');
  figures.changed([run.id]);
  expect(newest()).toBe('b.png');
  fs.rmSync(run.dir, { recursive: true });
  figures.changed([run.id]);
  expect(figures.picture(run)).toBeUndefined();
});

test('a training shows what it drew last, in the folder of its newest step', () => {
  const run = onDisk('student', 's', { parents: ['T'] });
  for (const step of ['step-00000500', 'step-00001000']) {
    fs.mkdirSync(path.join(run.dir, 'samples', step), { recursive: true });
    fs.writeFileSync(path.join(run.dir, 'samples', step, 'steps-5.png'), png(4, 4));
  }
  expect(new RunFigures().picture(run)!.file).toBe(path.join(run.dir, 'samples', 'step-00001000', 'steps-5.png'));
});

test('of a grid of images only the first row is drawn; what is no PNG is not drawn at all', () => {
  const [width, height] = [2 + 8 * 30, 2 + 8 * 30];
  const svg = Buffer.from(pictureStrip([{ png: png(width, height), show: 8 }], { height: 16, widest: 240 })!.split(',')[1]!, 'base64').toString();
  expect(svg).toContain(`width="${Math.round((242 * 16) / 32)}" height="16" viewBox="0 0 242 32"`);
  expect(pictureStrip([{ png: Buffer.from('<svg onload="x"/>'), show: 'whole' }], { height: 16, widest: 240 })).toBeUndefined();
});
