/** A legend under a plot: entries in rows as wide as the drawing. */
import type { SeriesStyle } from './series';
import { el, line, marker, text, textWidth } from './svg';
import type { Theme } from './theme';

export type LegendEntry = { readonly label: string } & ({ readonly style: SeriesStyle; readonly opacity?: number; readonly markers?: boolean } | { readonly band: true });

const [SWATCH, GAP, ROW, SIZE] = [30, 14, 19, 12];

/** Markup and height of the legend, from `top`, between `left` and `right`. */
export function legend(entries: readonly LegendEntry[], left: number, right: number, top: number, theme: Theme): { readonly markup: string; readonly height: number } {
  let [x, row] = [left, 0];
  const markup = entries.map((entry) => {
    const width = SWATCH + 6 + textWidth(entry.label, SIZE);
    if (x > left && x + width > right) [x, row] = [left, row + 1];
    const [at, middle] = [x, top + row * ROW + ROW / 2];
    x += width + GAP;
    return swatch(entry, at, middle, theme) + text(at + SWATCH + 6, middle + 4, entry.label, theme.ink, { size: SIZE });
  });
  return { markup: markup.join(''), height: entries.length === 0 ? 0 : (row + 1) * ROW };
}

function swatch(entry: LegendEntry, x: number, y: number, theme: Theme): string {
  if ('band' in entry) return el('rect', { x, y: y - 6, width: SWATCH, height: 12, fill: theme.band }) + line(x, y, x + SWATCH, y, theme.muted, 1, '3 2');
  const { style, opacity, markers = true } = entry;
  return el('g', { opacity }, line(x, y, x + SWATCH, y, style.colour, style.width, style.dash), markers ? marker(x + SWATCH / 2, y, style, theme.paper) : '');
}
