/** The suite's results as a table for people. */
import { table } from '../../src/cli/table';
import { short } from '../../src/core/number-text';
import type { CaseResult } from './case';
import type { Machine } from './machine';

interface Row {
  readonly cells: readonly string[];
}

const TITLES = ['case', 'ours', '(range)', 'peer', '(range)', 'ratio', '(range)', 'limit', '', 'of the limit'] as const;
const RIGHT = new Set([1, 3, 5, 7, 9]);

export function resultsTable(results: readonly CaseResult[]): string {
  const rows = results.flatMap((result): Row[] => [caseRow(result), ...result.beside.map((other) => besideRow(result, other))]);
  return table(rows, TITLES.map((title, i) => ({ title, text: (row: Row) => row.cells[i] ?? '', align: RIGHT.has(i) ? 'right' as const : 'left' as const })));
}

function caseRow(result: CaseResult): Row {
  const { ours, peer, ratio, unit, limit, bound, ranges, machine, error, labels } = result;
  const title = `${result.title}${labels.peer === null ? '' : ` · ${labels.ours} / ${labels.peer}`}`;
  if (error) return { cells: [title, '', '', '', '', '', '', limitText(limit, bound, unit), 'no figure'] };
  return {
    cells: [
      title, figure(ours, unit), range(ranges.ours), figure(peer, unit), range(ranges.peer), ratio === null ? '' : short(ratio), range(ranges.ratio),
      limitText(limit, bound, unit), result.reached === null ? '' : result.reached ? 'reached' : 'NOT REACHED', machine ? `${short(100 * machine.share)} %` : '',
    ],
  };
}

const besideRow = ({ unit }: CaseResult, { label, value, ratio }: CaseResult['beside'][number]): Row => ({
  cells: [`  ${label}`, '', '', value === null ? 'does not work' : figure(value, unit), '', ratio === null ? '' : short(ratio)],
});

const figure = (value: number | null, unit: string): string => (value === null ? '' : `${short(value)} ${unit}`);
const range = (values: [number, number] | null): string => (values ? `(${short(values[0])}–${short(values[1])})` : '');
const limitText = (limit: number | null, bound: CaseResult['bound'], unit: string): string => (limit === null ? '' : bound === 'ratio at least' ? `≥ ${limit}` : `≤ ${limit} ${unit}`);

/** What stands under the table: the machine, and what a reader must know of single cases. */
export function footnotes(results: readonly CaseResult[], machine: Machine): string {
  const rate = ({ flops, bytes }: Machine['allCores']): string => [...(flops === null ? [] : [`${short(flops / 1e9)} GFLOP/s`]), ...(bytes === null ? [] : [`${short(bytes / 1e9)} GB/s`])].join(', ') || 'not measured';
  return [
    `Medians (ranges) of alternating repetitions; ratio = the peer's time / ours, 1 or more is ahead. "of the limit": the least time at the machine's rates over ours.`,
    `Rates measured in this run (matrix product, copy): all cores ${rate(machine.allCores)}; one core ${rate(machine.oneCore)}.`,
    ...results.flatMap(({ name, notes, error, beside }) => [
      ...(error ? [`${name}: ${error.code}: ${error.message}`] : []),
      ...notes.map((note) => `${name}: ${note}`),
      ...beside.flatMap(({ label, note }) => (note === undefined ? [] : [`${name}: ${label}: ${note}`])),
    ]),
  ].join('\n');
}
