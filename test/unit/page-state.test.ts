import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between, bucketsFor, difference, tileSide } from '../../webview/layout';
import { mirrored, newestExperiment, NOTHING, type Mirror } from '../../webview/mirror';
import { panelRun } from '../support/panel-run';
import { colourPlaces, distinctNames } from '../../webview/run-names';
import { cellText, toCsv } from '../../webview/table-model';
import { DEFAULT_STATE, restoreState, UiStore } from '../../webview/ui-state';

test('the state comes back as it was', () => {
  const kept: unknown[] = [];
  const store = new UiStore(DEFAULT_STATE, (state) => kept.push(JSON.parse(JSON.stringify(state))));
  store.set({ tab: 'flow', runs: ['a', 'b'], tables: ['loss'], filter: 'x' });
  store.patch('loss', { range: [10.5, 2000], smoothing: 0.98, log: false });
  store.patch('quality', { zoom: { x: [1, 2], y: [3, 4] }, metric: 'swd', x: 'seconds' });
  store.patch('samples', { wipe: 0.25, view: 'wipe', trainingStep: 5000, set: 's' });
  store.patch('brownian', { depth: 3, item: 7 });
  expect(restoreState(kept.at(-1))).toEqual(store.now);
});

test('whatever an older version left, the restored state is one', () => {
  fc.assert(fc.property(fc.anything(), (value) => { expect(restoreState(value)).toEqual(DEFAULT_STATE); }));
  const restored = restoreState({ tab: 'gone', runs: [1], loss: { log: 'yes', smoothing: 2, range: [5, 1] }, samples: { wipe: 0.3, view: 3 }, flow: null, quality: { zoom: { x: [1, 2] } } });
  expect(restored).toEqual({ ...DEFAULT_STATE, samples: { ...DEFAULT_STATE.samples, wipe: 0.3 } });
});

test('deltas in order build up the runs; a gap asks for a snapshot, and one that is behind counts not', () => {
  const [a, b] = [panelRun({ id: 'a', created: '2026-01-01' }), panelRun({ id: 'b', created: '2026-01-02' })];
  expect(mirrored(NOTHING, { type: 'delta', seq: 1, changed: [a], removed: [] })).toBe('gap');
  const first = mirrored(NOTHING, { type: 'snapshot', seq: 4, runs: [a] }) as Mirror;
  const second = mirrored(first, { type: 'delta', seq: 5, changed: [b], removed: [] }) as Mirror;
  expect(second.runs.map((run) => run.id)).toEqual(['b', 'a']);
  expect(mirrored(second, { type: 'delta', seq: 5, changed: [], removed: ['a'] })).toBe('old');
  expect(mirrored(second, { type: 'delta', seq: 7, changed: [], removed: ['a'] })).toBe('gap');
  expect(mirrored(second, { type: 'delta', seq: 6, changed: [], removed: ['a'] })).toEqual({ seq: 6, runs: [b] });
  // A snapshot counts even with a smaller number: the host was started anew.
  expect(mirrored(second, { type: 'snapshot', seq: 0, runs: [] })).toEqual({ seq: 0, runs: [] });
});

test('before anybody chose, the newest experiment is shown; runs without one stand alone', () => {
  const runs = [panelRun({ id: 'a', experiment: 'x' }), panelRun({ id: 'b', experiment: 'y' }), panelRun({ id: 'c', experiment: 'x' })];
  expect(newestExperiment(runs)).toEqual(['a', 'c']);
  expect(newestExperiment([panelRun({ id: 'a', experiment: null }), panelRun({ id: 'b', experiment: null })])).toEqual(['a']);
  expect(newestExperiment([])).toEqual([]);
});

test('runs of one name are told apart, and only what has a curve takes a colour', () => {
  const runs = [
    panelRun({ id: 'a', name: 'n', kind: 'evaluation', created: '2026-01-01T10:00:00Z' }), panelRun({ id: 'b', name: 'n', kind: 'student', created: '2026-01-01T11:00:00Z' }),
    panelRun({ id: 'c', name: 'n', kind: 'student', created: '2026-01-01T11:00:30Z' }), panelRun({ id: 'd', name: 'm' }), panelRun({ id: 'e', name: 'n', kind: 'student', created: '2026-01-02T11:00:00Z' }),
  ];
  expect([...distinctNames(runs).values()]).toEqual(['n, evaluation', 'b', 'c', 'm', 'n, 01-02 11:00']);
  expect([...colourPlaces(runs)]).toEqual([['b', 0], ['c', 1], ['d', 2], ['e', 3]]);
});

test('a CSV field is one field for a spreadsheet, and no formula', () => {
  expect(toCsv({ columns: ['a', 'b'], rows: [['x,"y"\n', 0.1], ['=HYPERLINK("http://x")', null], ['-1', -1e-7]] }))
    .toBe('a,b\r\n"x,""y""\n",0.1\r\n"\'=HYPERLINK(""http://x"")",\r\n\'-1,-1e-7\r\n');
});

test('cells read as the rest of the program writes numbers', () => {
  expect([null, 'x', 100_000, 0.031415, 12.34].map(cellText)).toEqual(['–', 'x', '100000', '0.0314', '12.3']);
});

test('all series together never bring more points than a frame can draw, and each has some', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 1, max: 1000 }), (width, series) => {
    const buckets = bucketsFor(width, series);
    expect(buckets).toBeGreaterThanOrEqual(8);
    expect(2 * buckets * series).toBeLessThanOrEqual(Math.max(24_000, 16 * series));
  }));
});

test('tiles fill the width between their limits', () => {
  expect(tileSide(500, 5, 10, 40, 200)).toBe(92);
  expect([tileSide(100, 5, 10, 40, 200), tileSide(5000, 5, 10, 40, 200), tileSide(500, 0, 10, 40, 200)]).toEqual([40, 200, 200]);
});

test('a position between frames is the two of them, and the ends stay inside', () => {
  expect(between(1.25, 3)).toEqual({ from: 1, to: 2, share: 0.25 });
  expect([between(9, 3), between(-1, 3), between(0, 1)]).toEqual([{ from: 2, to: 2, share: 0 }, { from: 0, to: 1, share: 0 }, { from: 0, to: 0, share: 0 }]);
});

test('the difference of pictures is that of the channel that differs most', () => {
  expect([...difference([0, 0, 255, 10, 10, 10], [0, 51, 0, 10, 10, 10], 3)]).toEqual([1, 0]);
});
