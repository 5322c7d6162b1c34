/** What steps and depth buy: a table of the students as a heat map with its numbers, lower is better. */
import { median } from '../core/statistics';
import { short } from '../core/number-text';
import type { EvaluationRow } from '../store/evaluation-row';
import { cividis, hex, textOn } from './colour-scale';
import { comparisonLines, floorOf, isStudent, metricTitle } from './comparison';
import { drawing, el, text } from './svg';
import type { Theme } from './theme';

/** A cell within this many floors is as good as the teacher, as far as the metric can tell. */
export const NEAR_FLOOR = 1.25;

export interface DepthTable {
  readonly nfes: readonly number[];
  readonly depths: readonly number[];
  /** [depth][nfe]; null where no such student was measured. The best student of several. */
  readonly cells: readonly (readonly (number | null)[])[];
  readonly floor: number | null;
}

/** The students' medians by depth and NFE. */
export function depthTable(rows: readonly EvaluationRow[], metric: string): DepthTable {
  const lines = comparisonLines(rows, metric).filter((line) => isStudent(line) && line.value !== null && line.depth !== null);
  const sorted = (values: number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  const nfes = sorted(lines.map((line) => line.nfe));
  const depths = sorted(lines.map((line) => line.depth!));
  const cells = depths.map((depth) => nfes.map((nfe) => {
    const values = lines.filter((line) => line.depth === depth && line.nfe === nfe).map((line) => line.value!.median);
    return values.length === 0 ? null : Math.min(...values);
  }));
  return { nfes, depths, cells, floor: floorOf(rows, metric)?.median ?? null };
}

/** A heat map needs both directions: two step counts, and two depths at one of them. */
export const isTable = ({ nfes, cells }: DepthTable): boolean => nfes.length > 1 && nfes.some((_, j) => cells.filter((row) => row[j] !== null).length > 1);

const [LEFT, TOP, ROW, MOST_WIDTH] = [54, 46, 40, 440];

/** Columns are step counts, rows depths. With a floor the cells are multiples of it, and those near it are framed and starred. */
export function depthHeatMap(table: DepthTable, metric: string, theme: Theme): string {
  const { nfes, depths, cells, floor } = table;
  const shown = cells.map((row) => row.map((value) => (value === null ? null : floor === null ? value : value / floor)));
  const values = shown.flat().filter((value): value is number => value !== null && value > 0);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const cell = Math.min(96, (MOST_WIDTH - LEFT - 8) / nfes.length);
  const [right, bottom] = [LEFT + cell * nfes.length, TOP + ROW * depths.length];
  const { label } = metricTitle(metric);
  const title = floor === null ? label : `${label} ÷ noise floor`;
  const write = (value: number): string => (floor === null ? short(value) : value.toFixed(value < 9.95 ? 2 : value < 99.5 ? 1 : 0));

  const squares = shown.flatMap((row, i) => row.map((value, j) => {
    const [x, y] = [LEFT + j * cell, TOP + i * ROW];
    if (value === null) return el('rect', { x: x + 1, y: y + 1, width: cell - 2, height: ROW - 2, fill: 'none', stroke: theme.grid }) + text(x + cell / 2, y + ROW / 2 + 4, '–', theme.muted, { anchor: 'middle' });
    const colour = cividis(high > low ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : 0);
    const near = floor !== null && value <= NEAR_FLOOR;
    return el('rect', { x: x + 1, y: y + 1, width: cell - 2, height: ROW - 2, fill: hex(colour) })
      + (near ? el('rect', { x: x + 4, y: y + 4, width: cell - 8, height: ROW - 8, fill: 'none', stroke: textOn(colour), 'stroke-width': 1.5 }) : '')
      + text(x + cell / 2, y + ROW / 2 + 5, `${write(value)}${near ? '*' : ''}`, textOn(colour), { size: cell < 44 ? 11 : 13, anchor: 'middle', bold: near });
  }));
  const anyNear = floor !== null && shown.flat().some((value) => value !== null && value <= NEAR_FLOOR);
  const width = Math.max(right + 8, 360);
  return drawing(width, bottom + (floor === null ? 46 : 66), theme, `${title} by depth and evaluations, median ${short(median(values))}`,
    text(4, 18, title, theme.ink, { size: 14, bold: true }),
    ...nfes.map((nfe, j) => text(LEFT + (j + 0.5) * cell, TOP - 8, String(nfe), theme.ink, { anchor: 'middle' })),
    ...depths.map((depth, i) => text(LEFT - 8, TOP + (i + 0.5) * ROW + 4, `m=${depth}`, theme.ink, { anchor: 'end' })),
    ...squares,
    text(LEFT, bottom + 18, 'columns: function evaluations; rows: signature depth', theme.muted, { size: 11 }),
    floor === null ? text(LEFT, bottom + 36, 'median over the seeds; lower (darker) is better', theme.muted, { size: 11 })
      : text(LEFT, bottom + 36, `floor ${short(floor)}; lower (darker) is better`, theme.muted, { size: 11 })
        + (anyNear ? text(LEFT, bottom + 54, `* framed: at most ${NEAR_FLOOR} times the floor`, theme.ink, { size: 11 }) : text(LEFT, bottom + 54, `no cell is within ${NEAR_FLOOR} times the floor`, theme.muted, { size: 11 })),
  );
}
