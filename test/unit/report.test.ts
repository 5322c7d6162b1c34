import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { comparisonLines, primaryMetric, settingLines } from '../../src/report/comparison';
import { headlines } from '../../src/report/headline';
import { depthTable } from '../../src/report/heat-map';
import { htmlReport } from '../../src/report/html-report';
import type { ReportInput } from '../../src/report/input';
import { rasterise } from '../../src/report/rasterise';
import { reportPictures } from '../../src/report/report-pictures';
import { LIGHT, PAGE } from '../../src/report/theme';
import type { EvaluationRow } from '../../src/store/evaluation-row';

const floor = { median: 0.02, min: 0.015, max: 0.03 };

interface Measured {
  readonly sampler: string;
  readonly steps: number;
  readonly values: readonly number[];
  readonly grid?: string;
  readonly depth?: number;
  readonly run?: string;
  readonly metric?: string;
}

const rowsOf = ({ sampler, steps, values, grid = 'quad', depth, run = 'teacher-run', metric = 'swd' }: Measured): EvaluationRow[] => values.map((value, seed) => ({
  run, sampler, steps, nfe: steps, n: 100, seed, metric, value, floor: metric === 'swd' ? floor : null, seconds: 1, grid,
  settings: { lowerOrderFinal: true, clamp: false }, depth: depth ?? null, weights: 'ema', units: 'model', reference: 'teacher-run ddpm@1000',
}));

const rows = [
  { sampler: 'ddpm', steps: 1000, values: [0.02, 0.021, 0.019] },
  { sampler: 'dpmpp-2m', steps: 5, values: [0.05, 0.06, 0.04] },
  { sampler: 'dpmpp-2m', steps: 5, values: [0.07, 0.08, 0.03], grid: 'uniform-t' },
  { sampler: 'dpmpp-2m', steps: 10, values: [0.021, 0.03, 0.02] },
  ...[3, 6].flatMap((depth) => [5, 10].flatMap((steps) => [
    { sampler: 'sig-deg', steps, values: [0.022, 0.021, 0.023].map((v) => Math.round(1000 * v + depth) / 1000), depth, run: `student-${depth}-${steps}` },
    { sampler: 'sig-deg', steps, values: [0.2, 0.21, 0.19], depth, run: `student-${depth}-${steps}`, metric: 'pathwise-rmse' },
  ])),
].flatMap(rowsOf);

const points = (n: number, shift: number): Float32Array => Float32Array.from({ length: 2 * n }, (_, i) => Math.sin(7 * i + shift));
const input: ReportInput = {
  title: '<script>alert(1)</script> & "moons"',
  facts: [['Dataset', '<img src=x onerror=alert(1)>']],
  rows,
  losses: [
    { label: 'teacher', kind: 'teacher', depth: null, points: [[0, 1], [10, 0.5], [20, 0.4]] },
    { label: 'student', kind: 'student', depth: 3, points: [[0, 0.1], [10, 0.01]] },
  ],
  samples: { itemShape: [2], sets: [{ contestant: 'data', samples: points(200, 0) }, ...comparisonLines(rows).map((contestant, i) => ({ contestant, samples: points(200, i) }))] },
};

test('a comparison has one line a contestant, at the setting with the best median; all settings are kept beside it', () => {
  const lines = comparisonLines(rows);
  const solver = lines.find((line) => line.sampler === 'dpmpp-2m' && line.steps === 5)!;
  expect([solver.grid, solver.value]).toEqual(['quad', { median: 0.05, min: 0.04, max: 0.06 }]);
  expect(lines).toHaveLength(7);
  expect(settingLines(rows)).toHaveLength(8);
  expect(lines.filter((line) => line.teacher).map((line) => line.nfe)).toEqual([1000]);
});

test('the comparison is about the first metric of distributions, wherever the pathwise error stands', () => {
  expect(primaryMetric([...rows].reverse())).toBe('swd');
  expect(primaryMetric(rows.filter((row) => row.metric !== 'swd'))).toBe('pathwise-rmse');
});

test('the words say who is better at each step count, and that overlapping ranges decide nothing', () => {
  const [five, ten] = headlines(rows) as [string, string];
  expect(five).toBe('At 5 evaluations Sig-DEG student, depth 3: SWD 0.025, 1.25 × the noise floor; the best solver, DPM-Solver++ 2M (quad), has 0.05.');
  expect(ten).toMatch(/At 10 evaluations .* has 0\.021; their ranges over the seeds overlap, so that the two cannot be told apart\.$/);
  const beaten = rows.map((row) => (row.sampler === 'dpmpp-2m' && row.steps === 10 ? { ...row, value: 0.001 } : row));
  expect(headlines(beaten)[1]).toMatch(/has 0\.001 and is better\.$/);
});

test('the table of depths has a cell for every student and gaps where there is none', () => {
  const table = depthTable(rows.filter((row) => !(row.depth === 6 && row.steps === 10)), 'swd');
  expect(table).toEqual({ nfes: [5, 10], depths: [3, 6], cells: [[0.025, 0.025], [0.028, null]], floor: 0.02 });
});

test('the page shows every measured median and no text of a run becomes markup', () => {
  const html = htmlReport(input);
  expect(html).not.toMatch(/<script|<img src|onerror=alert\(1\)>/);
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;moons&quot;');
  expect(html).toContain('default-src &#39;none&#39;');
  expect(html).not.toMatch(/(src|href)="(?!data:)/);
  for (const value of ['0.05', '0.021', '0.025', '0.028', '0.2']) expect(html).toContain(`>${value}<`);
  expect(htmlReport(input)).toBe(html);
});

test('every picture is drawn in the colours of its theme alone, and its PNG has the size of the drawing', async () => {
  const pictures = reportPictures(input);
  expect(pictures.map(({ name }) => name)).toEqual(['quality-swd', 'quality-pathwise-rmse', 'depth-swd', 'depth-pathwise-rmse', 'samples', 'loss']);
  for (const { draw } of pictures) {
    expect(draw(PAGE)).toContain('var(--ink)');
    const svg = draw(LIGHT);
    expect(svg).not.toContain('var(');
    const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
    const png = decode(await rasterise(svg, 1));
    expect([png.width, png.height]).toEqual([Math.ceil(Number(width)), Math.ceil(Number(height))]);
    const colours = new Set<number>();
    for (let i = 0; i < png.data.length; i += png.channels) colours.add((png.data[i]! << 16) | (png.data[i + 1]! << 8) | png.data[i + 2]!);
    expect(colours.size).toBeGreaterThan(10);
  }
});

test('without samples, losses or students there is still a page', () => {
  const html = htmlReport({ title: 'x', facts: [], rows: rows.filter((row) => row.sampler !== 'sig-deg') });
  expect(html).toContain('DPM-Solver++ 2M');
  expect(html).not.toContain('Training');
});
