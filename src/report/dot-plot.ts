/** Samplers at one number of evaluations: a row each, the best at the top, with the range over the seeds and the floor. */
import { short } from '../core/number-text';
import type { Summary } from '../core/statistics';
import { bottomAxis, spaced } from './axis';
import { legend } from './legend';
import { floorLabel, markTitle, type QualitySeries } from './quality-series';
import type { Reading } from './score';
import { drawing, el, line, marker, text, textWidth } from './svg';
import type { Theme } from './theme';
import { valueScale } from './value-axis';

const [WIDTH, RIGHT, TOP, ROW] = [440, 58, 34, 27];

export function dotPlot(series: readonly QualitySeries[], floor: Summary | null, reading: Reading, titles: { readonly title: string; readonly axis: string }, theme: Theme): string {
  const rows = series.map(({ label, style, student, lines }) => ({ label, style, student, line: lines[0]! })).sort((a, b) => (reading.better === 'lower' ? 1 : -1) * (a.line.value.median - b.line.value.median));
  const left = Math.max(...rows.map(({ label, student }) => textWidth(label, 12, student))) + 16;
  const [x0, x1, y0, y1] = [left, WIDTH - RIGHT, TOP, TOP + ROW * rows.length + 6];
  const x = valueScale(reading, rows.flatMap(({ line: { value } }) => [value.min, value.max]), floor, [x0, x1]);
  const at = (value: number): number => x.at(value);
  const key = legend(floor ? [{ label: floorLabel(reading), band: true }] : [], 14, WIDTH, y1 + 46, theme);
  return drawing(WIDTH, y1 + 46 + key.height + 8, theme, `${titles.title}: ${rows.map(({ label, line: l }) => `${label} ${short(l.value.median)}`).join(', ')}`,
    text(4, 18, titles.title, theme.ink, { size: 14, bold: true }),
    floor ? el('rect', { x: at(floor.min), y: y0, width: at(floor.max) - at(floor.min), height: y1 - y0, fill: theme.band }) + line(at(floor.median), y0, at(floor.median), y1, theme.muted, 1, '3 2') : '',
    bottomAxis(at, spaced(x.ticks(6), at, 12), [y0, y1], theme, titles.axis, (x0 + x1) / 2),
    ...rows.map(({ label, style, student, line: l }, i) => {
      const y = y0 + 3 + ROW * (i + 0.5);
      return text(x0 - 10, y + 4, label, theme.ink, { anchor: 'end', bold: student })
        + line(at(l.value.min), y, at(l.value.max), y, style.colour, style.width)
        + marker(at(l.value.median), y, style, theme.paper, markTitle(l))
        + text(WIDTH - 6, y + 4, short(l.value.median), theme.ink, { anchor: 'end', bold: student });
    }),
    key.markup,
  );
}
