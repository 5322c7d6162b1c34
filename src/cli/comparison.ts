import { short } from '../core/number-text';
import type { Summary } from '../core/statistics';
import { comparisonLines, floorOf, measuredRows, metricsOf, metricTitle, PATHWISE, primaryMetric, settingTitle, type ComparisonLine } from '../report/comparison';
import { floorColumn } from '../report/score';
import type { EvaluationRow } from '../store/evaluation-row';
import { table, type Column } from './table';

/**
 * Evaluation rows as a text table: every sampler, depth and step count at its best setting, with the range and floor of the first metric and the median of every
 * other one, each at the setting that is best by it.
 */
export function comparisonTable(rows: readonly EvaluationRow[]): string {
  const metric = primaryMetric(rows);
  const floor = floorColumn(metricTitle(metric), (ratio) => ratio.toFixed(2));
  const lines = comparisonLines(rows, metric);
  const text = table(lines, [
    { title: 'sampler', text: (l) => (l.depth === null ? l.sampler : `${l.sampler} m=${l.depth}`) },
    { title: 'NFE', align: 'right', text: (l) => String(l.nfe) },
    { title: metricTitle(metric).short, align: 'right', text: (l) => (l.value === null ? '-' : short(l.value.median)) },
    { title: 'range', align: 'right', text: (l) => (l.value === null ? '-' : `${short(l.value.min)}-${short(l.value.max)}`) },
    { title: floor.head.replace('×', 'x'), align: 'right', text: (l) => floor.cell(l) ?? '-' },
    ...metricsOf(rows).filter((name) => name !== metric).map((name) => otherMetric(rows, name)),
    { title: 'time', align: 'right', text: (l) => `${short(l.seconds)} s` },
    { title: 'best setting', text: settingTitle },
  ]);
  return [text, floorText(rows, metric, lines)].join('\n');
}

function otherMetric(rows: readonly EvaluationRow[], metric: string): Column<ComparisonLine> {
  const best = new Map(comparisonLines(rows, metric).map((line) => [keyOf(line), line.value]));
  // The paired error is that of the setting in the line: it tells how the others were reached.
  const valueOf = (l: ComparisonLine): Summary | null | undefined => (metric === PATHWISE ? l.rmse : best.get(keyOf(l)));
  return {
    title: metric === PATHWISE ? 'path RMSE' : metricTitle(metric).short, align: 'right',
    text(l) {
      const value = valueOf(l);
      return value ? short(value.median) : '-';
    },
  };
}

const keyOf = ({ run, sampler, depth, steps }: ComparisonLine): string => JSON.stringify([run, sampler, depth, steps]);

/** `floor 0.0372 (0.0162-0.0447): SWD of the teacher to itself; 12288 samples a set, 3 seeds` */
function floorText(rows: readonly EvaluationRow[], metric: string, lines: readonly ComparisonLine[]): string {
  const floor = floorOf(measuredRows(rows), metric);
  const [line] = lines;
  const sets = line ? `${line.n} samples a set, ${Math.max(...lines.map(({ seeds }) => seeds))} seeds` : '';
  return floor === null ? sets : `floor ${short(floor.median)} (${short(floor.min)}-${short(floor.max)}): ${metricTitle(metric).short} of the teacher to itself; ${sets}`;
}
