import { median } from '../core/statistics';
import type { EvaluationRow } from '../store/evaluation-row';
import { short, table } from './table';

/** One line of a comparison: a sampler at a step count, at its best setting. */
export interface ComparisonLine {
  readonly sampler: string;
  readonly depth: number | null;
  readonly nfe: number;
  readonly swd: number;
  readonly range: readonly [number, number];
  readonly floor: number;
  readonly rmse: number | null;
  readonly seconds: number;
  readonly setting: string;
}

/** The best setting (by median over seeds) of every sampler, depth and step count; the most favourable choice for the solvers. */
export function comparisonLines(rows: readonly EvaluationRow[], metric = 'swd'): ComparisonLine[] {
  const groups = new Map<string, Map<string, EvaluationRow[]>>();
  for (const row of rows) {
    const contestant = JSON.stringify([row.sampler, row.depth, row.steps, row.sampler === 'sig-deg' ? row.run : '']);
    const setting = JSON.stringify([row.grid, row.settings]);
    const settings = groups.get(contestant) ?? new Map<string, EvaluationRow[]>();
    settings.set(setting, [...(settings.get(setting) ?? []), row]);
    groups.set(contestant, settings);
  }
  const lines = [...groups.values()].map((settings) => {
    const candidates = [...settings.values()].map(lineOf(metric)).sort((a, b) => a.swd - b.swd);
    return candidates[0]!;
  });
  return lines.sort((a, b) => a.nfe - b.nfe || a.sampler.localeCompare(b.sampler) || (a.depth ?? 0) - (b.depth ?? 0));
}

const lineOf = (metric: string) => (rows: EvaluationRow[]): ComparisonLine => {
  const first = rows[0]!;
  const values = rows.filter((row) => row.metric === metric).map((row) => row.value);
  const errors = rows.filter((row) => row.metric === 'pathwise-rmse').map((row) => row.value);
  return {
    sampler: first.sampler,
    depth: first.depth,
    nfe: first.nfe,
    swd: values.length === 0 ? NaN : median(values),
    range: [Math.min(...values), Math.max(...values)],
    floor: rows.find((row) => row.metric === metric)?.floor?.median ?? NaN,
    rmse: errors.length === 0 ? null : median(errors),
    seconds: median(rows.map((row) => row.seconds)),
    setting: first.sampler === 'sig-deg' ? first.grid : `${first.grid}${first.settings['lowerOrderFinal'] === false ? ', no lower order' : ''}${first.settings['clamp'] === true ? ', clamped' : ''}`,
  };
};

export const comparisonTable = (lines: readonly ComparisonLine[]): string =>
  table(lines, [
    { title: 'sampler', text: (l) => (l.depth === null ? l.sampler : `${l.sampler} m=${l.depth}`) },
    { title: 'NFE', align: 'right', text: (l) => String(l.nfe) },
    { title: 'SWD', align: 'right', text: (l) => short(l.swd) },
    { title: 'range', align: 'right', text: (l) => `${short(l.range[0])}-${short(l.range[1])}` },
    { title: 'x floor', align: 'right', text: (l) => (l.swd / l.floor).toFixed(2) },
    { title: 'path RMSE', align: 'right', text: (l) => (l.rmse === null ? '-' : short(l.rmse)) },
    { title: 'time', align: 'right', text: (l) => `${short(l.seconds)} s` },
    { title: 'best setting', text: (l) => l.setting },
  ]);
