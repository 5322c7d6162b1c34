/** A metric on its own axis against evaluations (or time): one line a sampler at its best setting, the teacher, and the band within which nobody can be told from it. */
import type { AnnotationOptions } from 'chartjs-plugin-annotation';
import { short } from '../../src/core/number-text';
import type { Summary } from '../../src/core/statistics';
import { floorOf, metricsOf, metricTitle, PATHWISE, primaryMetric } from '../../src/report/comparison';
import { linearDomain } from '../../src/report/axis';
import { qualitySeries, type MeasuredLine } from '../../src/report/quality-series';
import { floorName, type Reading } from '../../src/report/score';
import { referenceStyle } from '../../src/report/series';
import type { Theme } from '../../src/report/theme';
import { valueAxis, type ValueAxis } from '../../src/report/value-axis';
import { PanelChart } from '../chart';
import { choice } from '../controls';
import { h } from '../dom';
import { figure } from '../figure';
import { Loader } from '../loader';
import type { Panel, View } from '../panel';
import type { Comparison } from '../protocol';
import { axisTitle, loadComparison, notEvaluated, refusals, samplerSeries, settingsTable } from './comparison';

const X_AXES = { nfe: { label: 'Evaluations (NFE)', title: 'function evaluations (NFE)', of: (line: MeasuredLine) => line.nfe }, seconds: { label: 'Time', title: 'time of one process for a set (s)', of: (line: MeasuredLine) => line.seconds } } as const;

export function qualityView(panel: Panel): View {
  const canvas = h('canvas');
  let comparison: Comparison = { rows: [], refused: [] };
  const chart = new PanelChart(canvas, (zoom) => {
    panel.state.patch('quality', { zoom });
    if (zoom === null) draw();
  });
  const metrics = (): string[] => metricsOf(comparison.rows).filter((name) => name !== PATHWISE);
  const metric = (): string => {
    const chosen = panel.state.now.quality.metric;
    return chosen !== null && metrics().includes(chosen) ? chosen : primaryMetric(comparison.rows);
  };

  const metricChoice = choice<string>('Metric', [], '', (name) => { panel.state.patch('quality', { metric: name, zoom: null }); draw(); });
  const xChoice = choice<'nfe' | 'seconds'>('Across', [{ value: 'nfe', label: X_AXES.nfe.label }, { value: 'seconds', label: X_AXES.seconds.label }], panel.state.now.quality.x, (x) => {
    panel.state.patch('quality', { x, zoom: null });
    draw();
  });
  const frame = figure(panel, {
    tab: 'quality', title: 'Quality against cost', controls: [metricChoice, xChoice], body: h('div', { class: 'chart' }, canvas),
    png: () => chart.png(), table: () => (comparison.rows.length > 0 ? settingsTable(comparison.rows, metric()) : undefined),
    zoom: { by: (factor) => { chart.zoom(factor); }, reset: () => { chart.reset(); } },
  });
  const loader = new Loader(frame.element, panel.perform.bind(panel));

  function draw(): void {
    if (metrics().length === 0) {
      loader.say(notEvaluated(panel, 'scores'));
      return;
    }
    const name = metric();
    metricChoice.setOptions(metrics().map((value) => ({ value, label: metricTitle(value).label })), name);
    const { x, zoom } = panel.state.now.quality;
    const series = qualitySeries(comparison.rows, name);
    const floor = floorOf(comparison.rows, name);
    const lines = series.flatMap((s) => s.lines);
    const axis = valueAxis(metricTitle(name), floor);
    const values = [...lines.map((line) => line.value.median), ...(floor ? [floor.min, floor.max] : [])].map(axis.place);
    chart.show({
      x: { title: X_AXES[x].title, log: true, range: zoom?.x ?? padded(lines.map(X_AXES[x].of), 1.15), ...(x === 'nfe' ? { ticks: [...new Set(lines.map((line) => line.nfe))] } : {}) },
      y: { title: axisTitle(name), log: axis.log, range: zoom?.y ?? (axis.log ? padded(values, 1.2) : linearDomain(values)) },
      series: series.map((one) => samplerSeries(one, X_AXES[x].of, axis)),
      ...(floor ? { annotations: (theme) => floorMarks(floor, axis, theme), marks: (theme) => [floorLine(floor, metricTitle(name), theme)] } : {}),
      legend: true, zoom: 'xy',
      summary: `${metricTitle(name).label}: ${series.map((s) => `${s.label} ${s.lines.map((line) => `${short(line.value.median)} at ${line.nfe}`).join(', ')}`).join('; ')}${floor ? `; teacher ${short(floor.median)}, noise floor ${short(floor.min)} to ${short(floor.max)}` : ''}`,
    });
    frame.note(refusals(comparison));
    frame.update();
  }

  const ask = (): void => { loadComparison(panel, loader, (answer) => { comparison = answer; draw(); }); };
  return { element: loader.element, show: ask, refresh: () => { loader.loadNext(ask); }, retheme: () => { chart.retheme(); } };
}

/** A range around positive values with a factor free at both ends; null without any. */
export function padded(values: readonly number[], factor: number): [number, number] | null {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  return positive.length === 0 ? null : [Math.min(...positive) / factor, Math.max(...positive) * factor];
}

/** The teacher against itself under other seeds: its median is the teacher's line, its range the band. */
const floorMarks = ({ median, min, max }: Summary, { place }: ValueAxis, theme: Theme): Record<string, AnnotationOptions> => ({
  band: { type: 'box', yMin: place(min), yMax: place(max), backgroundColor: theme.band, borderWidth: 0, drawTime: 'beforeDatasetsDraw' },
  teacher: { type: 'line', yMin: place(median), yMax: place(median), borderColor: theme.ink, borderWidth: 1.5, borderDash: [4, 3], drawTime: 'beforeDatasetsDraw' },
});

const floorLine = ({ median, min, max }: Summary, reading: Reading, theme: Theme) =>
  ({ label: `Teacher ${short(median)}, ${reading.better === 'lower' ? floorName(reading) : 'other seeds'} ${short(min)}–${short(max)}`, style: { ...referenceStyle(theme.ink), dash: '4 3' } });
