import { decode } from 'fast-png';
import fc from 'fast-check';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { comparisonTable } from '../../src/cli/comparison';
import { linearDomain, linearScale, logDomain, logScale, logTicks } from '../../src/report/axis';
import { cividis, hex, textOn } from '../../src/report/colour-scale';
import { comparisonLines, metricTitle, primaryMetric, settingLines, unitNote } from '../../src/report/comparison';
import { densityRaster } from '../../src/report/density';
import { headlines } from '../../src/report/headline';
import { depthHeatMap, depthTable, isTable } from '../../src/report/heat-map';
import { htmlReport } from '../../src/report/html-report';
import type { ReportInput } from '../../src/report/input';
import { samplePicture } from '../../src/report/pictures';
import { qualitySeries } from '../../src/report/quality-series';
import { rasterise } from '../../src/report/rasterise';
import { reportPictures } from '../../src/report/report-pictures';
import { floorNote } from '../../src/report/score';
import { DARK, LIGHT, PAGE } from '../../src/report/theme';
import { valueAxis } from '../../src/report/value-axis';
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

const FLOORS: Readonly<Record<string, EvaluationRow['floor']>> = { swd: floor, precision: { median: 0.75, min: 0.73, max: 0.76 }, kid: { median: 0.0001, min: -0.001, max: 0.002 } };

const rowsOf = ({ sampler, steps, values, grid = 'quad', depth, run = 'teacher-run', metric = 'swd' }: Measured): EvaluationRow[] => values.map((value, seed) => ({
  run, sampler, steps, nfe: steps, n: 100, seed, metric, value, floor: FLOORS[metric] ?? null, seconds: 1, grid,
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
    { label: 'teacher', kind: 'teacher', depth: null, heldOut: false, points: [[0, 1], [10, 0.5], [20, 0.4]] },
    { label: 'student', kind: 'student', depth: 3, heldOut: false, points: [[0, 0.1], [10, 0.01]] },
    { label: 'student, held out', kind: 'student', depth: 3, heldOut: true, points: [[10, 0.02], [20, 0.03]] },
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

test('the table of a terminal has range and floor of the first metric, and every other one at its own best setting', () => {
  const more = [
    { sampler: 'ddim', steps: 5, values: [0.3, 0.3, 0.3], metric: 'precision' },
    { sampler: 'ddim', steps: 5, values: [0.4, 0.4, 0.4], metric: 'precision', grid: 'uniform-t' },
    { sampler: 'ddim', steps: 5, values: [0.06, 0.06, 0.06] },
    { sampler: 'ddim', steps: 5, values: [0.07, 0.07, 0.07], grid: 'uniform-t' },
  ].flatMap(rowsOf);
  const lines = comparisonTable([...rows, ...more]).split('\n');
  expect(lines[0]).toMatch(/^sampler +NFE +SWD +range +x floor +precision.* +path RMSE +time +best setting$/);
  expect(lines.find((line) => line.startsWith('ddim'))).toMatch(/^ddim +5 +0\.06 +0\.06-0\.06 +3\.00 +0\.4 +- +1 s +quad$/);
  expect(lines.at(-1)).toBe('floor 0.02 (0.015-0.03): SWD of the teacher to itself; 100 samples a set, 3 seeds');
});

test('the comparison is about the first metric of distributions, wherever the pathwise error stands', () => {
  expect(primaryMetric([...rows].reverse())).toBe('swd');
  expect(primaryMetric(rows.filter((row) => row.metric !== 'swd'))).toBe('pathwise-rmse');
});

test('the words say who is better at each step count, and that neither the floor nor overlapping ranges decide anything', () => {
  const [five, ten] = headlines(rows) as [string, string];
  expect(five).toBe('At 5 evaluations Sig-DEG student, depth 3: SWD 0.025, 1.25 × the noise floor; the best solver, DPM-Solver++ 2M (quad), has 0.05.');
  expect(ten).toMatch(/At 10 evaluations .* has 0\.021: both lie within the floor, where this metric cannot tell them from the teacher\.$/);
  const lifted = (student: number, solver: number): string => headlines(rows.map((row) => (row.nfe !== 10 || row.metric !== 'swd' ? row : { ...row, value: row.value + (row.sampler === 'sig-deg' ? student : solver) })))[1]!;
  expect(lifted(0.1, 0)).toMatch(/has 0\.021 and is better\.$/);
  expect(lifted(0.1, 0.1)).toMatch(/their ranges over the seeds overlap, so that the two cannot be told apart\.$/);
  const followed = rowsOf({ sampler: 'ddpm', steps: 5, values: [0.5, 0.6, 0.7], metric: 'pathwise-rmse' });
  expect(headlines([...rows, ...followed])[0]).toMatch(/On the teacher's own path its RMSE is 0\.2, that of the best SDE solver, DDPM ancestral, 0\.6\.$/);
});

test('the table of depths has a cell for every student and gaps where there is none', () => {
  const table = depthTable(rows.filter((row) => !(row.depth === 6 && row.steps === 10)), 'swd');
  expect(table).toEqual({ nfes: [5, 10], depths: [3, 6], cells: [[0.025, 0.025], [0.028, null]], floor });
  const svg = depthHeatMap(table, 'swd', LIGHT);
  expect([...svg.matchAll(/>([\d.]+\*?|–)<\/text>/g)].map(([, cell]) => cell).filter((cell) => cell !== '5' && cell !== '10')).toEqual(['1.25*', '1.25*', '1.40', '–']);
});

test('a table of depths needs two step counts and two depths at one of them', () => {
  const having = (pairs: readonly (readonly [depth: number, steps: number])[]): boolean =>
    isTable(depthTable(pairs.flatMap(([depth, steps]) => rowsOf({ sampler: 'sig-deg', steps, values: [1], depth, run: `${depth}-${steps}` })), 'swd'));
  expect([having([[3, 5], [6, 5]]), having([[6, 3], [3, 5]]), having([[6, 3], [3, 5], [6, 5]])]).toEqual([false, false, true]);
});

test('students of one depth for each step count are one line, of several depths a line each, of many depths the best', () => {
  const labels = (pairs: readonly (readonly [depth: number, steps: number])[]): string[] =>
    qualitySeries(pairs.flatMap(([depth, steps]) => rowsOf({ sampler: 'sig-deg', steps, values: [depth], depth, run: `${depth}-${steps}` })), 'swd').map(({ label, lines }) => `${label}: ${lines.map((l) => l.depth).join(' ')}`);
  expect(labels([[6, 3], [3, 5]])).toEqual(['Sig-DEG student, depth 3–6: 6 3']);
  expect(labels([[6, 3], [3, 5], [6, 5]])).toEqual(['Sig-DEG student, depth 3: 3', 'Sig-DEG student, depth 6: 6 6']);
  expect(labels([1, 2, 3, 6, 10].flatMap((depth) => [[depth, 3], [depth, 5]] as const))).toEqual(['Sig-DEG student, depth 1: 1 1']);
});

describe('a metric of which more is better', () => {
  const precisions = [
    { sampler: 'ddpm', steps: 1000, values: [0.75, 0.74, 0.76] },
    { sampler: 'dpmpp-2m', steps: 5, values: [0.5, 0.52, 0.48] },
    { sampler: 'dpmpp-2m', steps: 5, values: [0.4, 0.3, 0.6], grid: 'uniform-t' },
    { sampler: 'dpmpp-2m', steps: 10, values: [0.74, 0.73, 0.75] },
    ...[3, 6].flatMap((depth) => [5, 10].map((steps) => ({ sampler: 'sig-deg', steps, values: [0, 1, -1].map((v) => (60 + v + depth + 2 * (steps - 5)) / 100), depth, run: `student-${depth}-${steps}` }))),
  ].flatMap((measured) => rowsOf({ ...measured, metric: 'precision' }));

  test('has its best setting, student and order where the value is highest', () => {
    const lines = comparisonLines(precisions);
    expect(lines.find((line) => line.sampler === 'dpmpp-2m' && line.steps === 5)).toMatchObject({ grid: 'quad', value: { median: 0.5 } });
    expect(depthTable(precisions, 'precision').cells).toEqual([[0.63, 0.73], [0.66, 0.76]]);
    const five = precisions.filter((row) => row.nfe === 5);
    const [, titles] = /aria-label="([^"]*)"/.exec(reportPictures({ title: '', facts: [], rows: five })[0]!.draw(LIGHT))!;
    expect(titles).toMatch(/depth 6 0\.66, .*depth 3 0\.63, DPM-Solver\+\+ 2M 0\.5$/);
  });

  test('is won by the higher range, and undecided within that of the teacher', () => {
    const [five, ten] = headlines(precisions) as [string, string];
    expect(five).toBe('At 5 evaluations Sig-DEG student, depth 6: precision 0.66 (teacher against itself 0.75); the best solver, DPM-Solver++ 2M (quad), has 0.5.');
    expect(ten).toMatch(/: both lie within the range of the teacher against itself, where this metric cannot tell them from the teacher\.$/);
    const worse = precisions.map((row) => (row.sampler === 'sig-deg' ? { ...row, value: row.value - 0.3 } : row));
    expect(headlines(worse)[0]).toMatch(/has 0\.5 and is better\.$/);
  });

  test('is shown beside the teacher, not as a multiple of it, on a linear axis, dark where it is high', () => {
    const html = htmlReport({ title: 'x', facts: [], rows: precisions });
    expect(html).toContain('<th scope="col">teacher</th>');
    expect(html).not.toContain('× floor');
    expect(html).toContain('Higher is better; bars span the seeds.');
    const svg = depthHeatMap(depthTable(precisions, 'precision'), 'precision', LIGHT);
    expect([...svg.matchAll(/fill="(#[0-9a-f]{6})"/g)].map(([, fill]) => fill)).toEqual(expect.arrayContaining([hex(cividis(0)), hex(cividis(1))]));
    expect([...svg.matchAll(/>(0\.\d+\*?)<\/text>/g)].map(([, cell]) => cell)).toEqual(['0.63', '0.73*', '0.66', '0.76*']);
    expect(svg).toContain('higher (darker) is better');
    expect([valueAxis({ scale: 'level' }, null).log, valueAxis({ scale: 'distance' }, floor).log]).toEqual([false, true]);
  });

  test('never leads a comparison where it compares pair by pair', () => {
    const psnr = rowsOf({ sampler: 'ddpm', steps: 5, values: [20], metric: 'psnr' });
    expect(primaryMetric([...psnr, ...precisions])).toBe('precision');
    expect(primaryMetric([...rowsOf({ sampler: 'ddpm', steps: 5, values: [1], metric: 'pathwise-rmse' }), ...psnr])).toBe('psnr');
  });
});

test('an estimate may be negative: it has no multiples of its floor, and what lies far within the floor is drawn at the low end', () => {
  const kid = [{ sampler: 'ddpm', steps: 5, values: [0.5] }, { sampler: 'dpmpp-2m', steps: 5, values: [-0.0003] }, { sampler: 'sig-deg', steps: 5, values: [1e-9], depth: 3 }, { sampler: 'ddpm', steps: 10, values: [0.1] }].flatMap((measured) => rowsOf({ ...measured, metric: 'kid' }));
  expect(headlines(kid)).toEqual([expect.stringMatching(/KID 1\.0e-9 \(noise floor up to 0\.002\); the best solver, DPM-Solver\+\+ 2M \(quad\), has -0\.0003: both lie within the floor/)]);
  expect(htmlReport({ title: 'x', facts: [], rows: kid })).toContain('may be negative');
  const { log, place } = valueAxis({ scale: 'estimate' }, FLOORS['kid']!);
  expect([log, place(-1), place(1e-9), place(0.1)]).toEqual([true, 0.0002, 0.0002, 0.1]);
  expect(reportPictures({ title: '', facts: [], rows: kid })[0]!.draw(LIGHT)).not.toMatch(/NaN|Infinity/);
});

test('a note beside a score is a multiple of the floor only where that means something', () => {
  const scored = (metric: string, median: number) => [{ value: { median, min: median, max: median }, floor: FLOORS[metric]! }, metricTitle(metric)] as const;
  expect([floorNote(...scored('swd', 0.05)), floorNote(...scored('precision', 0.7)), floorNote(...scored('kid', 0.1))]).toEqual(['2.5 × floor', 'teacher 0.75', 'floor up to 0.002']);
  expect(floorNote({ value: null, floor: null }, metricTitle('psnr'))).toBeUndefined();
  expect([unitNote('psnr'), unitNote('frechet'), unitNote('kid')]).toEqual([' (dB)', ' (units of x²)', '']);
});

test('a linear axis covers its data, and its ticks are round, rising, few and within', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
    const scale = linearScale(linearDomain(values), [0, 200]);
    for (const v of values) expect(Math.abs(scale.at(v) - 100)).toBeLessThanOrEqual(100);
    const ticks = scale.ticks(7);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(7);
    ticks.forEach((tick, i) => {
      expect(tick).toBeGreaterThan(i === 0 ? scale.domain[0] - 1e-9 * Math.abs(tick) - 1e-300 : ticks[i - 1]!);
      expect(tick).toBeLessThanOrEqual(scale.domain[1] + 1e-9 * Math.abs(tick));
    });
  }));
  expect(linearScale([0.43, 1.02], [0, 1]).ticks(7)).toEqual([0.5, 0.6, 0.7, 0.8, 0.9, 1]);
});

test('a logarithmic axis covers its data, and its ticks are round, rising, few and within', () => {
  const value = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
  fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
    const domain = logDomain(values);
    const scale = logScale(domain, [200, 0]);
    for (const v of values) {
      expect(scale.at(v)).toBeGreaterThanOrEqual(0);
      expect(scale.at(v)).toBeLessThanOrEqual(200);
    }
    const ticks = logTicks(domain, 7);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(7);
    ticks.forEach((tick, i) => {
      expect(tick).toBeGreaterThan(i === 0 ? domain[0] * (1 - 1e-12) : ticks[i - 1]!);
      expect(tick).toBeLessThanOrEqual(domain[1]);
    });
  }));
});

test('points that lie far out are in the picture, too', () => {
  const ink = (x: number): number => decode(samplePicture(Float32Array.from({ length: 64 }, (_, i) => x + 0.01 * (i % 7)), [2])).data.filter((value) => value < 200).length;
  expect(ink(-2.8)).toBeGreaterThan(0);
  expect(ink(40)).toBeGreaterThan(0);
});

test('few points are drawn as larger dots than many, so that none are pale', () => {
  const ringed = (n: number): Float32Array => Float32Array.from({ length: 2 * n }, (_, i) => 1.5 * (i % 2 === 0 ? Math.cos : Math.sin)(Math.floor(i / 2) * 2.399));
  const inked = (n: number): number => {
    const { data } = decode(samplePicture(ringed(n), [2]));
    return data.filter((value, i) => i % 3 === 0 && value < 200).length / n;
  };
  expect(inked(50)).toBeGreaterThan(8);
  const { ink } = densityRaster(Float32Array.of(0.5, 0.5), 2, { x: [0, 1], y: [0, 1] }, 9, 1.8);
  expect([ink.filter((value) => value > 0).length, ink[4 * 9 + 4]! > 0, densityRaster(Float32Array.of(0.5, 0.5), 2, { x: [0, 1], y: [0, 1] }, 9).ink.filter((value) => value > 0).length]).toEqual([9, true, 1]);
});

test('a density counts every point once, inside or outside, and a histogram is as high as its share', () => {
  const unit = { x: [0, 1], y: [0, 1] } as const;
  const { ink, outside } = densityRaster(Float32Array.of(0.1, 0.1, 0.9, 0.9, 2, 0.5, 0.5, NaN), 2, unit, 2);
  expect([Array.from(ink, (value) => value > 0), outside]).toEqual([[false, true, true, false], 0.5]);
  const bars = densityRaster(Float32Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 0.005 : i / 100)), 1, { x: [0, 1], y: [0, 50] }, 100);
  const height = (column: number): number => Array.from({ length: 100 }, (_, row) => bars.ink[row * 100 + column]!).filter((value) => value > 0).length;
  expect([height(0), height(50)]).toEqual([51, 1]);
});

test('samples of any shape have a picture', () => {
  const size = (shape: readonly number[], n: number): number[] => {
    const { width, height, channels } = decode(samplePicture(new Float32Array(n * shape.reduce((a, b) => a * b, 1)).fill(0.5), shape));
    return [width, height, channels];
  };
  expect(size([1], 50)).toEqual([320, 320, 3]);
  expect(size([2], 50)).toEqual([320, 320, 3]);
  expect(size([7], 50)).toEqual([320, 320, 3]);
  expect(size([8, 6], 5)).toEqual([3 * 8 + 2, 2 * 10 + 2, 1]);
  expect(size([8, 6, 1], 5)).toEqual([26, 22, 1]);
  expect(size([8, 6, 3], 100)).toEqual([8 * 8 + 2, 8 * 10 + 2, 3]);
  expect(size([8, 6, 4], 5)).toEqual([26, 22, 1]);
  for (const shape of [[1], [2], [3], [4, 4], [4, 4, 1], [4, 4, 3], [4, 4, 2], [2, 2, 2, 2]]) {
    const samples = new Float32Array(4 * shape.reduce((a, b) => a * b, 1)).map((_, i) => Math.sin(i));
    expect(htmlReport({ title: 'x', facts: [], rows, samples: { itemShape: shape, sets: [{ contestant: 'data', samples }] } })).toContain('data:image/png;base64,');
  }
});

test('text on every colour of the scale can be read', () => {
  const light = (c: number): number => (c <= 10.31475 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  for (let i = 0; i <= 100; i++) {
    const colour = cividis(i / 100);
    const luminance = 0.2126 * light(colour[0]) + 0.7152 * light(colour[1]) + 0.0722 * light(colour[2]);
    expect(textOn(colour) === '#ffffff' ? 1.05 / (luminance + 0.05) : (luminance + 0.05) / 0.05).toBeGreaterThan(4.5);
  }
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
    const bytes = await rasterise(svg, 1);
    expect(Buffer.from(await rasterise(draw(LIGHT), 1)).equals(bytes)).toBe(true);
    const png = decode(bytes);
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

// To look at: SIGDEG_REPORT_OUT=folder npm test -- test/unit/report.test.ts
test.runIf(process.env['SIGDEG_REPORT_OUT'] !== undefined)('the page and every picture, light and dark, as files', async () => {
  const folder = process.env['SIGDEG_REPORT_OUT']!;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'report.html'), htmlReport(input));
  for (const { name, draw } of reportPictures(input)) {
    for (const [theme, colours] of Object.entries({ LIGHT, DARK })) fs.writeFileSync(path.join(folder, `${name}-${theme.toLowerCase()}.png`), await rasterise(draw(colours)));
  }
});
