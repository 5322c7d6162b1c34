/** Logarithmic and linear axes: a scale, ticks that a reader expects, and their drawing. */
import { short } from '../core/number-text';
import { line, text, textWidth } from './svg';
import type { Theme } from './theme';

export interface Scale {
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  /** Position of a value; on a logarithmic scale one that is not positive lies at the domain's low end. */
  at(value: number): number;
  /** Round numbers in the domain, at most so many. */
  ticks(most: number): number[];
}

export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = [Math.log(domain[0]), Math.log(domain[1])];
  return {
    domain, range,
    at: (value) => range[0] + ((Math.log(Math.max(value, domain[0])) - low) / (high - low)) * (range[1] - range[0]),
    ticks: (most) => logTicks(domain, most),
  };
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain;
  return { domain, range, at: (value) => range[0] + ((value - low) / (high - low)) * (range[1] - range[0]), ticks: (most) => linearTicks(domain, most) };
}

/** A domain around all positive values, with `pad` of its length free at both ends; at least a factor 2 wide. */
export function logDomain(values: readonly number[], pad = 0.06): readonly [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [0.1, 1];
  const [low, high] = [Math.log(Math.min(...positive)), Math.log(Math.max(...positive))];
  const missing = Math.max(0, Math.LN2 - (high - low)) / 2;
  const free = pad * (high - low + 2 * missing) + missing;
  return [Math.exp(low - free), Math.exp(high + free)];
}

/** A domain around all values, with `pad` of its length free at both ends; never empty. */
export function linearDomain(values: readonly number[], pad = 0.06): readonly [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size < 1e-100) return [-0.5, 0.5];
  // Ticks have twelve digits: they have to differ in them.
  const free = Math.max(pad * (high - low), (high > low ? 1e-6 : 0.05) * size);
  return [low - free, high + free];
}

/** The densest set of multiples of 1, 2 or 5 times a power of ten in the domain with no more than `most` of them. */
export function linearTicks([low, high]: readonly [number, number], most: number): number[] {
  for (let power = Math.floor(Math.log10((high - low) / most)); ; power++) {
    for (const mantissa of [1, 2, 5]) {
      const step = Number(`${mantissa}e${power}`);
      const first = Math.ceil(low / step);
      const count = Math.floor(high / step) - first + 1;
      if (count <= most) return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
    }
  }
}

const MANTISSAS = [[1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9], [1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]];

/** The densest set of round numbers in the domain with no more than `most` of them. */
export function logTicks([low, high]: readonly [number, number], most: number): number[] {
  const first = Math.floor(Math.log10(low));
  const decades = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, i) => first + i);
  const within = (mantissas: readonly number[], every: number): number[] =>
    decades.filter((d) => d % every === 0).flatMap((d) => mantissas.map((m) => Number(`${m}e${d}`))).filter((tick) => tick >= low && tick <= high);
  for (const mantissas of MANTISSAS) {
    const ticks = within(mantissas, 1);
    if (ticks.length <= most) return ticks;
  }
  for (let every = 2; ; every++) {
    const ticks = within([1], every);
    if (ticks.length <= most) return ticks;
  }
}

/** Those of the values whose labels do not touch, the first before later ones. */
export function spaced(values: readonly number[], at: (value: number) => number, size: number): number[] {
  const kept: number[] = [];
  for (const value of values) {
    const half = textWidth(short(value), size) / 2 + 4;
    if (kept.every((other) => Math.abs(at(value) - at(other)) > half + textWidth(short(other), size) / 2)) kept.push(value);
  }
  return kept;
}

/** Grid lines and labels at the left of a plot. `x` is its range. */
export function leftAxis(scale: Scale, [x0, x1]: readonly [number, number], theme: Theme, title: string): string {
  const ticks = scale.ticks(7);
  const middle = (scale.range[0] + scale.range[1]) / 2;
  return ticks.map((tick) => line(x0, scale.at(tick), x1, scale.at(tick), theme.grid) + text(x0 - 7, scale.at(tick) + 4, short(tick), theme.muted, { size: 12, anchor: 'end' })).join('')
    + text(13, middle, title, theme.muted, { anchor: 'middle', rotate: -90 });
}

/** Grid lines and labels under a plot. `y` is its range, `ticks` what to label. */
export function bottomAxis(at: (value: number) => number, ticks: readonly number[], [y0, y1]: readonly [number, number], theme: Theme, title: string, middle: number): string {
  return ticks.map((tick) => line(at(tick), y0, at(tick), y1, theme.grid) + text(at(tick), y1 + 17, short(tick), theme.muted, { size: 12, anchor: 'middle' })).join('')
    + text(middle, y1 + 36, title, theme.muted, { anchor: 'middle' });
}
