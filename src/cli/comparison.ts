import { short } from '../core/number-text';
import { comparisonLines, metricTitle, primaryMetric, settingTitle } from '../report/comparison';
import { floorColumn } from '../report/score';
import type { EvaluationRow } from '../store/evaluation-row';
import { table } from './table';

/** Evaluation rows as a text table: every sampler, depth and step count at its best setting. */
export function comparisonTable(rows: readonly EvaluationRow[]): string {
  const metric = primaryMetric(rows);
  const floor = floorColumn(metricTitle(metric), (ratio) => ratio.toFixed(2));
  return table(comparisonLines(rows, metric), [
    { title: 'sampler', text: (l) => (l.depth === null ? l.sampler : `${l.sampler} m=${l.depth}`) },
    { title: 'NFE', align: 'right', text: (l) => String(l.nfe) },
    { title: metricTitle(metric).short, align: 'right', text: (l) => (l.value === null ? '-' : short(l.value.median)) },
    { title: 'range', align: 'right', text: (l) => (l.value === null ? '-' : `${short(l.value.min)}-${short(l.value.max)}`) },
    { title: floor.head.replace('×', 'x'), align: 'right', text: (l) => floor.cell(l) ?? '-' },
    { title: 'path RMSE', align: 'right', text: (l) => (l.rmse === null ? '-' : short(l.rmse.median)) },
    { title: 'time', align: 'right', text: (l) => `${short(l.seconds)} s` },
    { title: 'best setting', text: settingTitle },
  ]);
}
