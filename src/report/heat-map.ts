/** What steps and depth buy: a table of the students as a heat map with its numbers; the darker the better. */
import { median, type Summary } from '../core/statistics';
import { short } from '../core/number-text';
import type { EvaluationRow } from '../store/evaluation-row';
import { cividis, hex, textOn } from './colour-scale';
import { comparisonLines, floorOf, isStudent, metricTitle } from './comparison';
import { bestOf, floorName, floorText, isBetter, isWithinFloor } from './score';
import { drawing, el, text } from './svg';
import type { Theme } from './theme';
import { valueAxis } from './value-axis';

/** A cell within this many floors is as good as the teacher, as far as the metric can tell. */
export const NEAR_FLOOR = 1.25;

export interface DepthTable {
  readonly nfes: readonly number[];
  readonly depths: readonly number[];
  /** [depth][nfe]; null where no such student was measured. The best student of several. */
  readonly cells: readonly (readonly (number | null)[])[];
  readonly floor: Summary | null;
}

/** The students' medians by depth and NFE. */
export function depthTable(rows: readonly EvaluationRow[], metric: string): DepthTable {
  const lines = comparisonLines(rows, metric).filter((line) => isStudent(line) && line.value !== null && line.depth !== null);
  const sorted = (values: number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  const nfes = sorted(lines.map((line) => line.nfe));
  const depths = sorted(lines.map((line) => line.depth!));
  const cells = depths.map((depth) => nfes.map((nfe) => {
    return bestOf(lines.filter((line) => line.depth === depth && line.nfe === nfe), metricTitle(metric))?.value?.median ?? null;
  }));
  return { nfes, depths, cells, floor: floorOf(rows, metric) };
}

/** A heat map needs both directions: two step counts, and two depths at one of them. */
export const isTable = ({ nfes, cells }: DepthTable): boolean => nfes.length > 1 && nfes.some((_, j) => cells.filter((row) => row[j] !== null).length > 1);

const [LEFT, TOP, ROW, MOST_WIDTH] = [54, 46, 40, 440];

/** Columns are step counts, rows depths. Of a distance with a floor the cells are multiples of it. Those near the floor, or within it, are framed and starred. */
export function depthHeatMap(table: DepthTable, metric: string, theme: Theme): string {
  const { nfes, depths, cells, floor } = table;
  const reading = metricTitle(metric);
  const unit = reading.scale === 'distance' && floor !== null && floor.median > 0 ? floor.median : null;
  const shown = cells.map((row) => row.map((value) => (value === null || unit === null ? value : value / unit)));
  const values = shown.flat().filter((value) => value !== null);
  const share = colourShare(values, metric, unit === null ? floor : null);
  const cell = Math.min(96, (MOST_WIDTH - LEFT - 8) / nfes.length);
  const [right, bottom] = [LEFT + cell * nfes.length, TOP + ROW * depths.length];
  const title = unit === null ? reading.label : `${reading.label} ÷ noise floor`;
  const write = (value: number): string => (unit === null ? short(value) : value.toFixed(value < 9.95 ? 2 : value < 99.5 ? 1 : 0));

  const isNear = (value: number): boolean => (unit !== null ? value <= NEAR_FLOOR : floor !== null && isWithinFloor(reading, value, floor));

  const squares = shown.flatMap((row, i) => row.map((value, j) => {
    const [x, y] = [LEFT + j * cell, TOP + i * ROW];
    if (value === null) return el('rect', { x: x + 1, y: y + 1, width: cell - 2, height: ROW - 2, fill: 'none', stroke: theme.grid }) + text(x + cell / 2, y + ROW / 2 + 4, '–', theme.muted, { anchor: 'middle' });
    const colour = cividis(share(value));
    const near = isNear(value);
    return el('rect', { x: x + 1, y: y + 1, width: cell - 2, height: ROW - 2, fill: hex(colour) })
      + (near ? el('rect', { x: x + 4, y: y + 4, width: cell - 8, height: ROW - 8, fill: 'none', stroke: textOn(colour), 'stroke-width': 1.5 }) : '')
      + text(x + cell / 2, y + ROW / 2 + 5, `${write(value)}${near ? '*' : ''}`, textOn(colour), { size: cell < 44 ? 11 : 13, anchor: 'middle', bold: near });
  }));
  const anyNear = values.some(isNear);
  const wanted = unit === null ? `within the ${reading.better === 'lower' ? 'floor' : "teacher's own range"}` : `at most ${NEAR_FLOOR} times the floor`;
  const order = `${reading.better} (darker) is better`;
  const width = Math.max(right + 8, 360);
  return drawing(width, bottom + (floor === null ? 46 : 66), theme, `${title} by depth and evaluations, median ${short(median(values))}`,
    text(4, 18, title, theme.ink, { size: 14, bold: true }),
    ...nfes.map((nfe, j) => text(LEFT + (j + 0.5) * cell, TOP - 8, String(nfe), theme.ink, { anchor: 'middle' })),
    ...depths.map((depth, i) => text(LEFT - 8, TOP + (i + 0.5) * ROW + 4, `m=${depth}`, theme.ink, { anchor: 'end' })),
    ...squares,
    text(LEFT, bottom + 18, 'columns: function evaluations; rows: signature depth', theme.muted, { size: 11 }),
    floor === null ? text(LEFT, bottom + 36, `median over the seeds; ${order}`, theme.muted, { size: 11 })
      : text(LEFT, bottom + 36, `${reading.better === 'lower' ? 'floor' : floorName(reading)} ${floorText(floor, reading)}; ${order}`, theme.muted, { size: 11 })
        + text(LEFT, bottom + 54, anyNear ? `* framed: ${wanted}` : `no cell is ${wanted}`, anyNear ? theme.ink : theme.muted, { size: 11 }),
  );
}

/** The place of a value on the colour scale: 0 for the best, 1 for the worst, on the metric's axis. */
function colourShare(values: readonly number[], metric: string, floor: Summary | null): (value: number) => number {
  const reading = metricTitle(metric);
  const { log, place } = valueAxis(reading, floor);
  const placed = values.map(place).filter((value) => !log || value > 0);
  const [least, most] = [Math.min(...placed), Math.max(...placed)];
  const at = (value: number): number => (log ? Math.log(Math.max(place(value), least)) : value);
  const [best, worst] = isBetter(reading, least, most) ? [least, most] : [most, least];
  return (value) => (most > least ? (at(value) - at(best)) / (at(worst) - at(best)) : 0);
}
