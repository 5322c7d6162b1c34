/** Measured rows of several runs, as far as they may stand side by side. */
import { printable } from '../../core/printable';
import type { EvaluationRow } from '../../store/evaluation-row';
import type { RunIndex } from '../../store/run-index';
import type { Comparison } from '../../../webview/protocol';
import { relatedRuns } from './related';

/** What must be equal in all rows, and how it is called. */
const MUST_AGREE: readonly (readonly [name: string, of: (row: EvaluationRow) => string])[] = [
  ['reference', (row) => row.reference],
  ['number of samples', (row) => String(row.n)],
  ['weights', (row) => row.weights],
  ['units', (row) => row.units],
];

/**
 * Rows of the evaluations that belong to the chosen runs. The newest evaluation says what the others must agree with; of a number measured twice the newer counts.
 */
export function compareRuns(runs: Pick<RunIndex, 'all' | 'get' | 'rows'>, chosen: readonly string[]): Comparison {
  const rows = new Map<string, EvaluationRow>();
  const refused: { run: string; reason: string }[] = [];
  let standard: EvaluationRow | undefined;
  for (const evaluation of relatedRuns(runs, chosen).filter((run) => run.kind === 'evaluation')) {
    const reasons = new Set<string>();
    for (const row of runs.rows(evaluation.id)) {
      standard ??= row;
      const reason = difference(row, standard);
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

function difference(row: EvaluationRow, standard: EvaluationRow): string | undefined {
  const unlike = MUST_AGREE.find(([, of]) => of(row) !== of(standard));
  return unlike && `other ${unlike[0]}: ${printable(unlike[1](row))}, where the rest has ${printable(unlike[1](standard))}`;
}
