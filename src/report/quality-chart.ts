/** A metric against the number of evaluations, on the metric's own axis; where only one number was measured, a row for each sampler instead. */
import { short } from '../core/number-text';
import type { Summary } from '../core/statistics';
import type { EvaluationRow } from '../store/evaluation-row';
import { bottomAxis, leftAxis, logScale, spaced, type Scale } from './axis';
import { floorOf, metricTitle, PATHWISE, unitNote } from './comparison';
import { dotPlot } from './dot-plot';
import { legend, type LegendEntry } from './legend';
import { floorLabel, markTitle, qualitySeries, type QualitySeries } from './quality-series';
import { drawing, el, line, marker, pathThrough, text } from './svg';
import type { Theme } from './theme';
import { valueScale } from './value-axis';

const [WIDTH, PLOT_HEIGHT, LEFT, RIGHT, TOP] = [440, 260, 62, 14, 34];

/** What the axis of a metric says. */
export function axisTitle(metric: string): string {
  return `${metric === PATHWISE ? "RMSE to the teacher's path" : `${metricTitle(metric).short} to the teacher`}${unitNote(metric)}`;
}

/** A drawing of the best setting of every sampler, with the range over the seeds and the floor. Throws RangeError when nothing was measured. */
export function qualityChart(rows: readonly EvaluationRow[], metric: string, theme: Theme): string {
  const series = qualitySeries(rows, metric);
  const floor = floorOf(rows, metric);
  const lines = series.flatMap((s) => s.lines);
  const nfes = [...new Set(lines.map((l) => l.nfe))].sort((a, b) => a - b);
  if (nfes.length === 0) throw new RangeError(`quality chart: no sampler was measured in ${metric}`);
  if (nfes.length === 1) return dotPlot(series, floor, metricTitle(metric), { title: `${metricTitle(metric).label} at ${evaluations(nfes[0]!)}`, axis: axisTitle(metric) }, theme);

  const [x0, x1, y0, y1] = [LEFT, WIDTH - RIGHT, TOP, TOP + PLOT_HEIGHT];
  const x = logScale([nfes[0]!, nfes.at(-1)!], [x0 + 36, x1 - 36]);
  const y = valueScale(metricTitle(metric), lines.flatMap(({ value }) => [value.min, value.median, value.max]), floor, [y1, y0]);
  const entries: LegendEntry[] = [...series].reverse().map(({ label, style }) => ({ label, style }));
  if (floor) entries.push({ label: floorLabel(metricTitle(metric)), band: true });
  const dodge = Math.min(4, 14 / Math.max(1, series.length - 1));
  const marks = series.map((s, i) => placed(s, x, y, (i - (series.length - 1) / 2) * dodge));
  const key = legend(entries, 14, x1, y1 + 48, theme);
  const title = `${metricTitle(metric).label} against evaluations`;
  return drawing(WIDTH, y1 + 48 + key.height + 8, theme, `${title}: ${series.map((s) => `${s.label} ${s.lines.map((l) => `${short(l.value.median)} at ${l.nfe}`).join(', ')}`).join('; ')}`,
    text(4, 18, title, theme.ink, { size: 14, bold: true }),
    floor ? floorBand(floor, y, x0, x1, theme) : '',
    leftAxis(y, [x0, x1], theme, axisTitle(metric)),
    bottomAxis((v) => x.at(v), spaced(nfes, (v) => x.at(v), 12), [y0, y1], theme, 'function evaluations (NFE)', (x0 + x1) / 2),
    ...marks.map((m, i) => seriesMarks(m, y, marks.filter((_, other) => other !== i).flatMap(({ at }) => at), theme)),
    key.markup,
  );
}

const evaluations = (nfe: number): string => `${nfe} evaluation${nfe === 1 ? '' : 's'}`;

function floorBand(floor: Summary, y: Scale, x0: number, x1: number, theme: Theme): string {
  return el('rect', { x: x0, y: y.at(floor.max), width: x1 - x0, height: y.at(floor.min) - y.at(floor.max), fill: theme.band })
    + line(x0, y.at(floor.median), x1, y.at(floor.median), theme.muted, 1, '3 2');
}

type Point = readonly [number, number];
type PlacedSeries = QualitySeries & { readonly at: readonly Point[] };

/** `shift` moves a series aside, so that error bars at the same NFE do not cover each other. */
const placed = (series: QualitySeries, x: Scale, y: Scale, shift: number): PlacedSeries =>
  ({ ...series, at: series.lines.map((l) => [x.at(l.nfe) + shift, y.at(l.value.median)] as const) });

function seriesMarks({ style, student, lines, at }: PlacedSeries, y: Scale, others: readonly Point[], theme: Theme): string {
  const depths = new Set(lines.map((l) => l.depth));
  return el('g', {},
    el('path', { d: pathThrough(at), fill: 'none', stroke: style.colour, 'stroke-width': style.width, 'stroke-dasharray': style.dash }),
    ...lines.map((l, i) => {
      const [px, py] = at[i]!;
      const bar = line(px, y.at(l.value.min), px, y.at(l.value.max), style.colour, 1.5);
      const depth = student && depths.size > 1 ? text(...besideMarks(at[i]!, others), `m=${l.depth}`, theme.ink, { size: 11, anchor: 'middle', halo: theme.paper }) : '';
      return bar + marker(px, py, style, theme.paper, markTitle(l)) + depth;
    }),
  );
}

/** Where a short label covers the fewest marks of other series: under its own, over it, at its left or right, inside the drawing. */
function besideMarks([x, y]: Point, others: readonly Point[]): Point {
  const spots: readonly Point[] = [[x, y + 17], [x, y - 10], [x - 26, y + 4], ...(x + 42 < WIDTH ? [[x + 26, y + 4] as const] : [])];
  const covered = ([sx, sy]: Point): number => others.filter(([ox, oy]) => Math.abs(ox - sx) < 24 && Math.abs(oy - (sy - 4)) < 11).length;
  return spots.reduce((best, spot) => (covered(spot) < covered(best) ? spot : best));
}
