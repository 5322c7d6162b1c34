/** Evaluation rows as a comparison: one line a contestant, at its best setting. Tables, pictures and the headline all start from here. */
import { median, summary, type Summary } from '../core/statistics';
import { SAMPLERS, STUDENT_SAMPLER, isSamplerName } from '../diffusion/samplers/names';
import { METRIC_INFO, parsedMetric, type MetricInfo } from '../metrics/names';
import type { EvaluationRow } from '../store/evaluation-row';
import { bestOf } from './score';

export const PATHWISE = 'pathwise-rmse';

/** One line of a comparison: a sampler at a step count, at one setting (of `comparisonLines`: its best). */
export interface ComparisonLine {
  readonly run: string;
  readonly sampler: string;
  readonly depth: number | null;
  readonly steps: number;
  readonly nfe: number;
  readonly grid: string;
  readonly settings: EvaluationRow['settings'];
  /** The reference itself: the teacher with all its fine steps. */
  readonly teacher: boolean;
  /** The metric that was asked for: median and range over the seeds; null where it was not measured. */
  readonly value: Summary | null;
  readonly floor: Summary | null;
  /** Pathwise error; null for what does not follow the path. */
  readonly rmse: Summary | null;
  /** Sampling time of one set, median over the seeds. */
  readonly seconds: number;
  readonly seeds: number;
  readonly n: number;
}

/** The metric that a comparison is about: the first that compares distributions, else the first that compares pair by pair, the pathwise error last. */
export function primaryMetric(rows: readonly EvaluationRow[]): string {
  return (rows.find((row) => !metricTitle(row.metric).paired) ?? rows.find((row) => row.metric !== PATHWISE) ?? rows[0])?.metric ?? 'swd';
}

/** All metrics of the rows in their order, the pathwise error last. */
export function metricsOf(rows: readonly EvaluationRow[]): string[] {
  const names = [...new Set(rows.map((row) => row.metric))];
  return [...names.filter((name) => name !== PATHWISE), ...names.filter((name) => name === PATHWISE)];
}

/** How a metric is called and read: one that this version does not know by its own name, as a distance. */
export function metricTitle(name: string): MetricInfo {
  const { metric, toData } = parsedMetric(name);
  if (metric === undefined) return { label: name, short: name, units: null, paired: false, better: 'lower', space: 'data', scale: 'distance' };
  const info = METRIC_INFO[metric];
  return toData ? { ...info, label: `${info.label} to the data`, short: `${info.short} to data` } : info;
}

/** ` (units of x)`, ` (dB)`, ` (%)` or nothing, after a metric's name. */
export function unitNote(metric: string): string {
  const { units } = metricTitle(metric);
  return units === null ? '' : units === 'dB' || units === '%' ? ` (${units})` : ` (units of ${units})`;
}

/** The best setting (by median over seeds) of every sampler, depth and step count; the most favourable choice for the solvers. */
export function comparisonLines(rows: readonly EvaluationRow[], metric = primaryMetric(rows)): ComparisonLine[] {
  const groups = new Map<string, ComparisonLine[]>();
  for (const line of settingLines(measuredRows(rows), metric)) {
    const contestant = contestantKey(line);
    groups.set(contestant, [...(groups.get(contestant) ?? []), line]);
  }
  return [...groups.values()].map((lines) => bestOf(lines, metricTitle(metric))!);
}

/** Without the settings that were only tried on fewer samples: they have lost there. */
export const measuredRows = (rows: readonly EvaluationRow[]): EvaluationRow[] => rows.filter(({ search }) => search !== true);

/** Every setting that was tried, in the order of a comparison: by NFE, sampler and depth. */
export function settingLines(rows: readonly EvaluationRow[], metric = primaryMetric(rows)): ComparisonLine[] {
  const groups = new Map<string, EvaluationRow[]>();
  for (const row of rows) {
    const setting = JSON.stringify([contestantKey(row), row.grid, row.settings, row.n]);
    const group = groups.get(setting);
    if (group) group.push(row);
    else groups.set(setting, [row]);
  }
  return [...groups.values()].map((group) => lineOf(group, metric)).sort((a, b) => a.nfe - b.nfe || a.sampler.localeCompare(b.sampler) || (a.depth ?? 0) - (b.depth ?? 0));
}

const contestantKey = (of: { sampler: string; depth: number | null; steps: number; run: string }): string =>
  JSON.stringify([of.sampler, of.depth, of.steps, of.sampler === STUDENT_SAMPLER ? of.run : '']);

function lineOf(rows: readonly EvaluationRow[], metric: string): ComparisonLine {
  const first = rows[0]!;
  const { run, sampler, depth, steps, nfe, grid, settings, n } = first;
  const summaryOf = (name: string): Summary | null => {
    const values = rows.filter((row) => row.metric === name).map((row) => row.value);
    return values.length === 0 ? null : summary(values);
  };
  return {
    run, sampler, depth, steps, nfe, grid, settings, n,
    teacher: rows.some(({ reference }) => reference === `${run} ${sampler}@${steps}`),
    value: summaryOf(metric),
    floor: rows.find((row) => row.metric === metric)?.floor ?? null,
    rmse: summaryOf(PATHWISE),
    seconds: median(rows.map((row) => row.seconds)),
    seeds: new Set(rows.map((row) => row.seed)).size,
  };
}

/** The floor of a metric; null where the rows have none. */
export const floorOf = (rows: readonly EvaluationRow[], metric: string): Summary | null => rows.find((row) => row.metric === metric && row.floor !== null)?.floor ?? null;

/** `Teacher`, `DPM-Solver++ 2M`, `Sig-DEG student, depth 3`. */
export function contestantTitle({ sampler, depth, teacher }: Pick<ComparisonLine, 'sampler' | 'depth' | 'teacher'>): string {
  if (teacher) return 'Teacher';
  const title = isSamplerName(sampler) ? SAMPLERS[sampler].title : sampler;
  return depth === null ? title : `${title}, depth ${depth}`;
}

/** `logsnr, no lower order, clamped`, `quad, eta 0.3`. A student has no setting but its grid. */
export function settingTitle({ sampler, grid, settings }: Pick<ComparisonLine, 'sampler' | 'grid' | 'settings'>): string {
  if (sampler === STUDENT_SAMPLER) return grid;
  return [grid, ...(settings['lowerOrderFinal'] === false ? ['no lower order'] : []), ...(settings['clamp'] === true ? ['clamped'] : []), ...['eta', 'churn'].filter((name) => settings[name] !== undefined).map((name) => `${name} ${String(settings[name])}`)].join(', ');
}

export const isStudent = (line: { readonly sampler: string }): boolean => line.sampler === STUDENT_SAMPLER;
