/** Training losses: raw and faint, with their moving average on top; losses on what is held out dotted. */
import { short } from '../core/number-text';
import { movingAverage } from '../core/statistics';
import { bottomAxis, leftAxis, logDomain, logScale, spaced } from './axis';
import type { LossSeries } from './input';
import { legend, type LegendEntry } from './legend';
import { heldOutStyle, referenceStyle, seriesStyle, shadedStudent, type SeriesStyle } from './series';
import { drawing, el, escapeText, pathThrough, text } from './svg';
import type { Theme } from './theme';

const [WIDTH, PLOT_HEIGHT, LEFT, RIGHT, TOP] = [440, 240, 62, 18, 34];
/** More points than pixels only make the file large. */
const MOST_POINTS = 400;
/** With more students than these the legend names their depths only. */
const MOST_NAMES = 4;

export function lossChart(losses: readonly LossSeries[], theme: Theme): string {
  const series = losses.map((loss) => ({ ...loss, points: thinned(loss.points.filter(([, value]) => value > 0 && Number.isFinite(value))) })).filter(({ points }) => points.length > 0);
  const depths = [...new Set(series.filter(({ kind }) => kind === 'student').map(({ depth }) => depth ?? 0))].sort((a, b) => b - a);
  const many = series.filter(({ kind }) => kind === 'student').length > MOST_NAMES;
  const styled = series.map((s) => ({ ...s, style: styleOf(s, depths, many, theme), smooth: s.heldOut ? s.points : smoothed(s.points) }));
  const last = Math.max(1, ...series.map(({ points }) => points.at(-1)![0]));
  const [x0, x1, y0, y1] = [LEFT, WIDTH - RIGHT, TOP, TOP + PLOT_HEIGHT];
  const x = (step: number): number => x0 + (step / last) * (x1 - x0);
  const y = logScale(logDomain(series.flatMap(({ points }) => points.map(([, value]) => value))), [y1, y0]);
  const trace = (points: readonly (readonly [number, number])[]): string => pathThrough(points.map(([step, value]) => [x(step), y.at(value)] as const));
  const key = legend(entriesOf(styled, many), 14, x1, y1 + 48, theme);
  const stroke = (style: SeriesStyle) => ({ fill: 'none', stroke: style.colour, 'stroke-linejoin': 'round' });
  return drawing(WIDTH, y1 + 48 + key.height + 8, theme, `Training loss: ${styled.map(({ label, smooth }) => `${label} ends at ${short(smooth.at(-1)![1])}`).join(', ')}`,
    text(4, 18, 'Training loss', theme.ink, { size: 14, bold: true }),
    leftAxis(y, [x0, x1], theme, 'mean squared error'),
    bottomAxis(x, spaced(linearTicks(last), x, 12), [y0, y1], theme, 'optimiser step', (x0 + x1) / 2),
    ...styled.filter(({ heldOut }) => !heldOut).map(({ style, points }) => el('path', { d: trace(points), ...stroke(style), 'stroke-width': 1, opacity: 0.22 })),
    ...styled.map(({ label, style, smooth }) => el('path', { d: trace(smooth), ...stroke(style), 'stroke-width': Math.min(2, style.width), 'stroke-dasharray': style.dash }, el('title', {}, escapeText(label)))),
    key.markup,
  );
}

function styleOf({ kind, depth, heldOut }: LossSeries, depths: readonly number[], many: boolean, theme: Theme): SeriesStyle {
  if (kind === 'teacher') return referenceStyle(theme.ink);
  const rank = depths.indexOf(depth ?? 0);
  const style = many ? shadedStudent(rank) : seriesStyle('sig-deg', rank);
  return heldOut ? heldOutStyle(style) : style;
}

function entriesOf(styled: readonly (LossSeries & { readonly style: SeriesStyle })[], many: boolean): LegendEntry[] {
  if (!many) return styled.map(({ label, style }) => ({ label, style, markers: false }));
  const labels = new Map(styled.map(({ kind, label, depth, heldOut, style }) => [kind === 'teacher' ? label : `students of depth ${depth}${heldOut ? ', held out' : ''}`, { depth: depth ?? 0, style }]));
  return [...labels].sort(([, a], [, b]) => a.depth - b.depth).map(([label, { style }]) => ({ label, style, markers: false }));
}

/** Every k-th point, the last one always. */
function thinned(points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
}

function smoothed(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const averages = movingAverage(points.map(([, value]) => value), Math.max(1, Math.round(points.length / 20)));
  return points.map(([step], i) => [step, averages[i]!] as const);
}

/** 0, a round step, … up to `last`, five or six of them. */
export function linearTicks(last: number): number[] {
  const rough = last / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? 10 * power;
  return Array.from({ length: Math.floor(last / step + 1e-9) + 1 }, (_, i) => i * step);
}
