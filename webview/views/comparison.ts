/** Measured rows of the chosen runs, and the chart of them against steps, evaluations or time: shared by quality and path error. */
import { short } from '../../src/core/number-text';
import { contestantTitle, metricTitle, PATHWISE, settingLines, settingTitle, unitNote } from '../../src/report/comparison';
import type { MeasuredLine, QualitySeries } from '../../src/report/quality-series';
import type { ValueAxis } from '../../src/report/value-axis';
import type { EvaluationRow } from '../../src/store/evaluation-row';
import type { Series } from '../chart';
import type { Loader, Notice } from '../loader';
import { chosenModel, chosenRuns, UNTRUSTED, type Panel } from '../panel';
import type { Comparison } from '../protocol';
import type { TableModel } from '../table-model';

/** Asks for the rows of the chosen runs, or says why there are none. */
export function loadComparison(panel: Panel, loader: Loader, draw: (comparison: Comparison) => void): void {
  const runs = chosenRuns(panel, loader);
  if (runs === undefined) return;
  loader.load((signal) => panel.connection.ask<'comparison'>({ kind: 'comparison', runs }, { signal }), draw);
}

export function notEvaluated(panel: Panel, what: string): Notice {
  const run = chosenModel(panel);
  return {
    title: `No ${what} yet`,
    text: 'Nothing was measured for the chosen runs. An evaluation draws samples with every sampler and compares them with the teacher.',
    actions: [{ title: 'Evaluate…', run: () => { panel.perform({ kind: 'command', command: 'evaluate', run }); }, disabled: panel.trusted ? null : UNTRUSTED }],
  };
}

/** Why rows stand not beside the others; empty when all do. */
export const refusals = ({ refused }: Comparison): string => (refused.length === 0 ? '' : `Left out: ${refused.map(({ run, reason }) => `${run}: ${reason}`).join('; ')}`);

export const axisTitle = (metric: string): string => {
  const { label, short: name } = metricTitle(metric);
  return `${metric === PATHWISE ? 'RMSE to the teacher’s path' : label.length > 24 ? name : label}${unitNote(metric)}`;
};

export function samplerSeries({ label, style, lines }: QualitySeries, x: (line: MeasuredLine) => number, { log, place }: ValueAxis): Series {
  const sorted = [...lines].filter((line) => (!log || place(line.value.median) > 0) && x(line) > 0).sort((a, b) => x(a) - x(b));
  return {
    label, style, markers: true,
    points: sorted.map((line) => ({ x: x(line), y: place(line.value.median) })),
    tell: (i) => (sorted[i] ? markLines(sorted[i]) : []),
  };
}

function markLines(line: MeasuredLine): string[] {
  const { value, seeds } = line;
  return [
    `${short(value.median)}${seeds > 1 ? `  (${short(value.min)}–${short(value.max)} over ${seeds} seeds)` : '  (1 seed)'}`,
    `NFE ${line.nfe}, steps ${line.steps}, n ${line.n}`,
    settingTitle(line),
    `${short(line.seconds)} s a set`,
  ];
}

/** Every setting that was tried, best or not. */
export function settingsTable(rows: readonly EvaluationRow[], metric: string): TableModel {
  const { label } = metricTitle(metric);
  return {
    caption: `${label}, every setting that was tried`,
    columns: ['sampler', 'steps', 'NFE', 'setting', 'median', 'min', 'max', 'floor', 'seeds', 'n', 'time (s)'],
    rows: settingLines(rows, metric).filter((line) => line.value !== null).map((line) =>
      [contestantTitle(line), line.steps, line.nfe, settingTitle(line), line.value!.median, line.value!.min, line.value!.max, line.floor?.median ?? null, line.seeds, line.n, line.seconds]),
  };
}
