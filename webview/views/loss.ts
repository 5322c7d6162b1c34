/** Training losses of several runs: raw and faint, with their average on top, those on what is held out dotted. Only what is visible is asked for, about a point a pixel. */
import { short } from '../../src/core/number-text';
import { heldOutStyle, runStyle } from '../../src/report/series';
import { isHeldOutLoss } from '../../src/store/loss-names';
import { PanelChart } from '../chart';
import { checkbox, slider } from '../controls';
import { debounced, h } from '../dom';
import { figure } from '../figure';
import { bucketsFor } from '../layout';
import { Loader } from '../loader';
import { hoverLabel } from '../hover';
import { chosenRuns, type Panel, type View } from '../panel';
import type { LossCurve } from '../protocol';
import { colourPlaces, distinctNames, trains } from '../run-names';
import { visibleRange, type Stroke } from '../strokes';
import type { TableModel } from '../table-model';

/** A legend of more runs covers the picture; the list of runs has their colours, too. */
const MOST_IN_LEGEND = 10;
/** Raw values of more runs lie so thick that nobody sees a line. */
const MOST_RAW = 20;
/** The slider's positions: how much of the past an average keeps. */
const SMOOTHING: readonly number[] = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];

export function lossView(panel: Panel): View {
  const canvas = h('canvas');
  const holder = h('div', { class: 'chart' }, canvas);
  let curves: readonly LossCurve[] = [];
  let names = new Map<string, string>();
  const nameOf = (id: string): string => names.get(id) ?? id;

  const askSoon = debounced(120, () => { ask(); });
  const chart = new PanelChart(canvas, (zoom) => {
    panel.state.patch('loss', { range: zoom?.x ?? null });
    if (zoom === null) draw();
    askSoon();
  });

  hoverLabel(holder, canvas, () => chart.seen());

  const { log, smoothing } = panel.state.now.loss;
  const logBox = checkbox('Log scale', log, (on) => { panel.state.patch('loss', { log: on }); draw(); });
  const smoothSlider = slider('Smoothing', {
    min: 0, max: SMOOTHING.length - 1, step: 1, text: (at) => (SMOOTHING[at] === 0 ? 'none' : String(SMOOTHING[at])),
  }, nearestIndex(smoothing), (at) => {
    panel.state.patch('loss', { smoothing: SMOOTHING[at] ?? 0 });
    askSoon();
  });

  const frame = figure(panel, {
    tab: 'loss', title: 'Training loss', controls: [logBox, smoothSlider], body: holder,
    png: () => chart.png(), table: () => summaryTable(curves, nameOf), csv: () => pointTable(curves, nameOf),
    zoom: { by: (factor) => { chart.zoom(factor); }, reset: () => { chart.reset(); } },
  });
  const loader = new Loader(frame.element, panel.perform.bind(panel));

  function ask(): void {
    const runs = chosenRuns(panel, loader);
    if (runs === undefined) return;
    const { range, smoothing: keep } = panel.state.now.loss;
    loader.load((signal) => panel.connection.ask<'series'>({ kind: 'series', runs, range, buckets: bucketsFor(chart.width, runs.length * (keep > 0 ? 2 : 1)), smoothing: keep }, { signal }), ({ series }) => {
      curves = series;
      draw();
    });
  }

  function draw(): void {
    if (curves.length === 0) {
      const training = panel.selected().some(trains);
      loader.say(training
        ? { title: 'No loss yet', text: 'The run has just begun, or was stopped before its first measurement. The curve grows here by itself.', actions: [] }
        : { title: 'These runs train nothing', text: 'Only teachers and students have a loss. Choose one of them in the list.', actions: [] });
      return;
    }
    const { log: logarithmic, range } = panel.state.now.loss;
    const places = colourPlaces(panel.selected());
    names = distinctNames(panel.selected());
    // A run with several trainings needs their names, too.
    const trainings = curves.filter((curve) => !isHeldOutLoss(curve.name));
    const heldOut = curves.filter((curve) => isHeldOutLoss(curve.name));
    const newest = (of: readonly LossCurve[]): string => of.slice(0, 5).map((curve) => `${nameOf(curve.run)} ${short(last(curve))}`).join(', ');
    const several = new Set(trainings.map((curve) => curve.run)).size < trainings.length;
    const strokes = curves.flatMap((curve): Stroke[] => {
      const style = runStyle(places.get(curve.run) ?? 0);
      const label = several ? `${nameOf(curve.run)} · ${curve.name}` : nameOf(curve.run);
      // A few points, each of which is a mean already.
      if (isHeldOutLoss(curve.name)) return [{ label: several ? label : `${label}, held out`, style: heldOutStyle(style), faint: false, xs: curve.steps, ys: curve.values, what: 'loss, held out' }];
      const raw: Stroke = { label, style: { ...style, width: 1.5 }, faint: curve.smooth !== null, xs: curve.steps, ys: curve.values, what: 'loss' };
      const average: Stroke[] = curve.smooth === null ? [] : [{ label, style, faint: false, xs: curve.smooth.steps, ys: curve.smooth.values, what: 'average' }];
      return raw.faint && curves.length > MOST_RAW ? average : [raw, ...average];
    });
    const shown = strokes.filter((stroke) => !stroke.faint);
    const ends: [number, number] = [Math.min(...curves.map((curve) => curve.extent[0])), Math.max(...curves.map((curve) => curve.extent[1]))];
    const visible = range ?? (ends[0] < ends[1] ? ends : [ends[0] - 1, ends[0] + 1]);
    chart.show({
      x: { title: 'optimiser step', log: false, range: visible },
      y: { title: 'loss', log: logarithmic, range: visibleRange(strokes, visible, logarithmic) ?? [0.1, 1] },
      strokes,
      // The lines are drawn as strokes; the legend alone is of series.
      series: shown.length <= MOST_IN_LEGEND ? shown.map(({ label, style }) => ({ label, style, points: [], tell: () => [] })) : [],
      legend: shown.length <= MOST_IN_LEGEND, zoom: 'x', ...(ends[0] < ends[1] ? { limits: ends } : {}),
      summary: [`Training loss of ${trainings.length} curves, the newest values ${newest(trainings)}`, ...(heldOut.length > 0 ? [`on what is held out ${newest(heldOut)}`] : [])].join('; '),
    });
    frame.note(strokes.length > 0 && curves.length > MOST_RAW && curves.some((curve) => curve.smooth) ? `Averages only, as ${curves.length} curves are shown.` : '');
    frame.update();
  }

  return { element: loader.element, show: ask, refresh: () => { loader.loadNext(ask); }, retheme: () => { chart.retheme(); } };
}

const nearestIndex = (value: number): number => SMOOTHING.reduce((best, candidate, i) => (Math.abs(candidate - value) < Math.abs(SMOOTHING[best]! - value) ? i : best), 0);
const last = ({ smooth, values }: LossCurve): number => (smooth?.values ?? values).at(-1) ?? NaN;

function summaryTable(curves: readonly LossCurve[], nameOf: (id: string) => string): TableModel {
  return {
    caption: 'Training loss over the visible steps',
    columns: ['run', 'loss', 'steps', 'least', 'last', 'last, smoothed'],
    rows: curves.map((curve) => [nameOf(curve.run), curve.name, curve.extent[1], Math.min(...curve.values), curve.values.at(-1) ?? null, curve.smooth?.values.at(-1) ?? null]),
  };
}

function pointTable(curves: readonly LossCurve[], nameOf: (id: string) => string): TableModel {
  return {
    caption: 'Training loss, the least and greatest of every pixel',
    columns: ['run', 'id', 'loss', 'step', 'value'],
    rows: curves.flatMap((curve) => Array.from(curve.steps, (step, i) => [nameOf(curve.run), curve.run, curve.name, step, curve.values[i]!])),
  };
}
