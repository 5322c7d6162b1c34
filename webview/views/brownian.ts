/** The Brownian path of one item, and what its partial signature keeps of it at depth 1 … m. */
import type { AnnotationOptions } from 'chartjs-plugin-annotation';
import { short } from '../../src/core/number-text';
import { referenceStyle, seriesStyle } from '../../src/report/series';
import type { Theme } from '../../src/report/theme';
import { PanelChart } from '../chart';
import { choice, slider } from '../controls';
import { debounced, h } from '../dom';
import { figure } from '../figure';
import { Loader } from '../loader';
import { chosenRuns, type Panel, type View } from '../panel';
import type { BrownianChoice, BrownianPicture } from '../protocol';
import type { TableModel } from '../table-model';
import { currentTheme } from '../theme';

export function brownianView(panel: Panel): View {
  const canvas = h('canvas');
  let sources: readonly BrownianChoice[] = [];
  let picture: BrownianPicture | undefined;
  let range: readonly [number, number] | null = null;
  const chart = new PanelChart(canvas, (zoom) => {
    range = zoom?.x ?? null;
    if (zoom === null) draw();
  });

  const askSoon = debounced(80, () => { ask(); });
  const sourceChoice = choice<string>('Student', [], '', (source) => { panel.state.patch('brownian', { source, depth: null }); ask(); });
  const itemSlider = slider('Item', { min: 0, max: 0, step: 1, text: String }, panel.state.now.brownian.item, (item) => { panel.state.patch('brownian', { item }); askSoon(); });
  const coordinateSlider = slider('Coordinate', { min: 0, max: 0, step: 1, text: String }, panel.state.now.brownian.coordinate, (coordinate) => { panel.state.patch('brownian', { coordinate }); askSoon(); });
  const depthSlider = slider('Depth', { min: 1, max: 1, step: 1, text: (depth) => `m = ${depth}` }, 1, (depth) => { panel.state.patch('brownian', { depth }); draw(); });
  const frame = figure(panel, {
    tab: 'brownian', title: 'Brownian path and its signature', controls: [sourceChoice, itemSlider, coordinateSlider, depthSlider], body: h('div', { class: 'chart' }, canvas),
    png: () => chart.png(), table: () => picture && errorTable(picture), csv: () => picture && pathTable(picture),
    zoom: { by: (factor) => { chart.zoom(factor); }, reset: () => { chart.reset(); } },
  });
  const loader = new Loader(frame.element, panel.perform.bind(panel));
  const chosen = (): BrownianChoice | undefined => sources.find((source) => source.id === panel.state.now.brownian.source) ?? sources[0];
  const depths = (): readonly number[] => picture?.reconstructions.map((one) => one.depth) ?? [];
  const depth = (): number => {
    const wanted = panel.state.now.brownian.depth;
    return wanted !== null && depths().includes(wanted) ? wanted : depths().at(-1) ?? 1;
  };

  function ask(): void {
    const runs = chosenRuns(panel, loader);
    if (runs === undefined) return;
    loader.load(async (signal) => {
      sources = (await panel.connection.ask<'catalogue'>({ kind: 'catalogue', runs }, { signal })).brownian;
      const source = chosen();
      if (source === undefined) return null;
      const { item, coordinate } = panel.state.now.brownian;
      return await panel.connection.ask<'brownian'>({ kind: 'brownian', source: source.id, item: Math.min(item, source.items - 1), coordinate: Math.min(coordinate, source.coordinates - 1) }, { signal });
    }, (answer) => {
      if (answer === null) {
        loader.say({ title: 'No student chosen', text: 'A student’s steps and depth say how a Brownian path is summed up. Choose a student in the list.', actions: [] });
        return;
      }
      picture = answer;
      controls();
      draw();
    });
  }

  function controls(): void {
    const source = chosen();
    if (source === undefined) return;
    sourceChoice.setOptions(sources.map(({ id, label }) => ({ value: id, label })), source.id);
    sourceChoice.element.hidden = sources.length < 2;
    const { item, coordinate } = panel.state.now.brownian;
    for (const [control, count, value] of [[itemSlider, source.items, item], [coordinateSlider, source.coordinates, coordinate]] as const) {
      control.setRange(0, count - 1);
      control.set(Math.min(value, count - 1));
      control.element.hidden = count < 2;
    }
    depthSlider.setRange(depths()[0] ?? 1, depths().at(-1) ?? 1);
    depthSlider.set(depth());
  }

  function draw(): void {
    if (picture === undefined) return;
    const { times, path, knots, timeName, valueName, label } = picture;
    const own = picture.reconstructions.find((one) => one.depth === depth());
    const trace = (name: string, values: Float64Array, style: ReturnType<typeof seriesStyle>) => ({
      label: name, style, points: Array.from(times, (x, i) => ({ x, y: values[i]! })), tell: (i: number) => [`${timeName}: ${short(times[i]!)}`, short(values[i]!)],
    });
    chart.show({
      x: { title: timeName, log: false, range: range ?? [times[0]!, times.at(-1)!] },
      y: { title: valueName, log: false, range: null },
      series: [
        ...(own ? [trace(`signature to depth ${own.depth}, RMSE ${short(own.rmse)}`, own.path, seriesStyle('sig-deg'))] : []),
        { ...trace('Brownian path', path, { ...referenceStyle(currentTheme().muted), width: 1 }) },
      ],
      annotations: (theme) => knotLines(knots, theme),
      legend: true, zoom: 'x', limits: [times[0]!, times.at(-1)!],
      summary: `${label}: Brownian path over ${knots.length - 1} steps${own ? `, signature to depth ${own.depth} keeps it up to an RMSE of ${short(own.rmse)}` : ''}`,
    });
    frame.update();
  }

  return { element: loader.element, show: ask, refresh: () => { loader.loadNext(ask); }, retheme: draw };
}

const knotLines = (knots: readonly number[], theme: Theme): Record<string, AnnotationOptions> =>
  Object.fromEntries(knots.map((at, i) => [`knot${i}`, { type: 'line', xMin: at, xMax: at, borderColor: theme.muted, borderWidth: 1, borderDash: [2, 3], drawTime: 'beforeDatasetsDraw' } as const]));

const errorTable = ({ label, reconstructions }: BrownianPicture): TableModel =>
  ({ caption: `${label}: what the signature loses of the path`, columns: ['depth', 'RMSE'], rows: reconstructions.map(({ depth, rmse }) => [depth, rmse]) });

const pathTable = ({ times, path, reconstructions, timeName }: BrownianPicture): TableModel => ({
  caption: '', columns: [timeName, 'path', ...reconstructions.map(({ depth }) => `depth ${depth}`)],
  rows: Array.from(times, (t, i) => [t, path[i]!, ...reconstructions.map((one) => one.path[i]!)]),
});
