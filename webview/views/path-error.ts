/** How far students and SDE solvers stray from the teacher's own paths: against steps as lines, or depth × steps as a heat map. */
import { short } from '../../src/core/number-text';
import { comparisonLines, contestantTitle, isStudent, metricTitle, PATHWISE, type ComparisonLine } from '../../src/report/comparison';
import { cividis, hex, textOn } from '../../src/report/colour-scale';
import { qualitySeries } from '../../src/report/quality-series';
import { valueAxis } from '../../src/report/value-axis';
import { canvasPng, PanelChart } from '../chart';
import { segmented } from '../controls';
import { h } from '../dom';
import { figure } from '../figure';
import { Loader } from '../loader';
import type { Panel, View } from '../panel';
import type { Comparison } from '../protocol';
import { currentTheme } from '../theme';
import { axisTitle, loadComparison, notEvaluated, refusals, samplerSeries, settingsTable } from './comparison';
import { drawHeat, type HeatMap } from './heat';
import { padded } from './quality';

export function pathErrorView(panel: Panel): View {
  const canvas = h('canvas');
  const lineHolder = h('div', { class: 'chart' }, canvas);
  const heatHolder = h('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Pathwise RMSE by sampler and steps' });
  let comparison: Comparison = { rows: [], refused: [] };
  const chart = new PanelChart(canvas, (zoom) => {
    panel.state.patch('pathError', { zoom });
    if (zoom === null) draw();
  });
  const viewChoice = segmented('Picture', [{ value: 'lines', label: 'Lines' }, { value: 'heat', label: 'Heat map' }], panel.state.now.pathError.view, (view) => { panel.state.patch('pathError', { view }); draw(); });
  const frame = figure(panel, {
    tab: 'path-error', title: 'Pathwise error', controls: [viewChoice], body: h('div', {}, lineHolder, heatHolder),
    png: () => (panel.state.now.pathError.view === 'lines' ? chart.png() : canvasPng(drawHeat(heatOf(comparison), currentTheme()))),
    table: () => settingsTable(comparison.rows, PATHWISE),
    zoom: { by: (factor) => { chart.zoom(factor); }, reset: () => { chart.reset(); }, idle: () => panel.state.now.pathError.view === 'heat' },
  });
  const loader = new Loader(frame.element, panel.perform.bind(panel));

  function draw(): void {
    const series = qualitySeries(comparison.rows, PATHWISE);
    if (series.length === 0) {
      loader.say(notEvaluated(panel, 'pathwise errors'));
      return;
    }
    const { view, zoom } = panel.state.now.pathError;
    lineHolder.hidden = view !== 'lines';
    heatHolder.hidden = view !== 'heat';
    if (view === 'heat') heatHolder.replaceChildren(heatTable(heatOf(comparison)));
    else {
      const lines = series.flatMap((s) => s.lines);
      chart.show({
        x: { title: 'steps', log: true, range: zoom?.x ?? padded(lines.map((line) => line.steps), 1.15), ticks: [...new Set(lines.map((line) => line.steps))] },
        y: { title: axisTitle(PATHWISE), log: true, range: zoom?.y ?? padded(lines.map((line) => line.value.median), 1.2) },
        series: series.map((one) => samplerSeries(one, (line) => line.steps, valueAxis(metricTitle(PATHWISE), null))),
        legend: true, zoom: 'xy',
        summary: `Pathwise RMSE: ${series.map((s) => `${s.label} ${s.lines.map((line) => `${short(line.value.median)} at ${line.steps}`).join(', ')}`).join('; ')}`,
      });
    }
    frame.note(refusals(comparison));
    frame.update();
  }

  const ask = (): void => { loadComparison(panel, loader, (answer) => { comparison = answer; draw(); }); };
  return { element: loader.element, show: ask, refresh: () => { loader.loadNext(ask); }, retheme: () => { chart.retheme(); } };
}

/** Students by depth, then the SDE solvers; columns by steps. */
function heatOf({ rows }: Comparison): HeatMap {
  const lines = comparisonLines(rows, PATHWISE).filter((line) => !line.teacher && line.value !== null);
  const steps = [...new Set(lines.map((line) => line.steps))].sort((a, b) => a - b);
  const byTitle = new Map<string, ComparisonLine[]>();
  const order = (line: ComparisonLine): number => (isStudent(line) ? line.depth ?? 0 : 1e6);
  for (const line of [...lines].sort((a, b) => order(a) - order(b))) byTitle.set(contestantTitle(line), [...(byTitle.get(contestantTitle(line)) ?? []), line]);
  const values = lines.map((line) => Math.log(Math.max(line.value!.median, 1e-12)));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return {
    columns: steps.map(String),
    rows: [...byTitle].map(([title, own]) => ({
      title,
      cells: steps.map((n) => {
        const value = Math.min(...own.filter((line) => line.steps === n).map((line) => line.value!.median));
        return Number.isFinite(value) ? { value, share: high > low ? (Math.log(Math.max(value, 1e-12)) - low) / (high - low) : 0.5 } : null;
      }),
    })),
  };
}

function heatTable({ columns, rows }: HeatMap): HTMLElement {
  return h('table', { class: 'heat' },
    h('caption', {}, 'Pathwise RMSE by sampler and steps, the best setting of each; dark is better'),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'steps'), ...columns.map((column) => h('th', { scope: 'col', class: 'number' }, column)))),
    h('tbody', {}, ...rows.map(({ title, cells }) => h('tr', {}, h('th', { scope: 'row' }, title), ...cells.map((cell) => {
      const td = h('td', { class: 'number' }, cell === null ? '–' : short(cell.value));
      if (cell !== null) {
        td.style.background = hex(cividis(cell.share));
        td.style.color = textOn(cividis(cell.share));
      }
      return td;
    })))));
}
