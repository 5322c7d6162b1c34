/** Measured rows of several runs, as far as they may stand side by side. */
import { printable } from '../../core/printable';
import { parsedMetric } from '../../metrics/names';
import { measuredRows } from '../../report/comparison';
import type { EvaluationRow } from '../../store/evaluation-row';
import type { RunIndex } from '../../store/run-index';
import type { Comparison } from '../../../webview/protocol';
import { relatedRuns } from './related';

/** What must be equal in all rows of a kind, and how it is called. */
const MUST_AGREE: readonly (readonly [name: string, of: (row: EvaluationRow) => string, kind: (row: EvaluationRow) => string])[] = [
  ['reference', (row) => row.reference, (row) => (parsedMetric(row.metric).toData ? 'data' : 'teacher')],
  ['extractor', (row) => row.extractor ?? 'none', (row) => row.metric],
  ['number of samples', (row) => String(row.n), () => ''],
  ['weights', (row) => row.weights, () => ''],
  ['units', (row) => row.units, () => ''],
  ['guidance', (row) => String(row.settings['guidance'] ?? 'none'), () => ''],
];

/**
 * Rows of the evaluations that belong to the chosen runs. The newest evaluation says what the others must agree with; of a number measured twice the newer counts.
 */
export function compareRuns(runs: Pick<RunIndex, 'all' | 'get' | 'rows'>, chosen: readonly string[]): Comparison {
  const rows = new Map<string, EvaluationRow>();
  const refused: { run: string; reason: string }[] = [];
  const standards = new Map<string, string>();
  for (const evaluation of relatedRuns(runs, chosen).filter((run) => run.kind === 'evaluation')) {
    const reasons = new Set<string>();
    for (const row of measuredRows(runs.rows(evaluation.id))) {
      const reason = difference(row, standards);
      if (reason !== undefined) {
        reasons.add(reason);
        continue;
      }
      const { run, sampler, steps, grid, settings, depth, seed, metric } = row;
      const key = JSON.stringify([run, sampler, steps, grid, Object.entries(settings).sort(), depth, seed, metric]);
      if (!rows.has(key)) rows.set(key, row);
    }
    for (const reason of reasons) refused.push({ run: evaluation.id, reason });
  }
  return { rows: [...rows.values()], refused };
}

/** @param standards what the first row of each kind had; the first of a kind sets it. */
function difference(row: EvaluationRow, standards: Map<string, string>): string | undefined {
  const found = MUST_AGREE.map(([name, of, kind]) => ({ name, key: `${name} ${kind(row)}`, value: of(row) }));
  const unlike = found.find(({ key, value }) => (standards.get(key) ?? value) !== value);
  if (unlike) return `other ${unlike.name}: ${printable(unlike.value)}, where the rest has ${printable(standards.get(unlike.key)!)}`;
  for (const { key, value } of found) standards.set(key, value);
  return undefined;
}
