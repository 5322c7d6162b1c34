/** SVG as text: elements with escaped values, and the little that every drawing needs. */
import type { SeriesStyle } from './series';
import type { Theme } from './theme';

type Value = string | number | null | undefined;

/** Text as content or attribute of XML and HTML. Characters that XML forbids even when escaped become the replacement character. */
export function escapeText(text: string): string {
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
  return allowed.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;');
}

/** Numbers with two decimals at most: enough for a screen, and the same bytes everywhere. */
const written = (value: string | number): string => (typeof value === 'number' ? String(Math.round(value * 100) / 100) : escapeText(value));

/** An element; attributes without a value are left out, `children` are markup. */
export function el(name: string, attributes: Readonly<Record<string, Value>>, ...children: readonly string[]): string {
  const all = Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined).map(([key, value]) => ` ${key}="${written(value!)}"`).join('');
  return children.length === 0 ? `<${name}${all}/>` : `<${name}${all}>${children.join('')}</${name}>`;
}

export interface TextOptions {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly fill?: string;
  readonly rotate?: number;
  /** Colour of an outline that keeps the text readable over marks. */
  readonly halo?: string;
}

/** A line of text; `y` is the baseline. */
export function text(x: number, y: number, content: string, fill: string, { size = 12, anchor = 'start', bold = false, rotate, halo }: TextOptions = {}): string {
  return el('text', {
    x, y, fill, 'font-size': size, 'text-anchor': anchor === 'start' ? null : anchor, 'font-weight': bold ? 'bold' : null,
    ...(halo === undefined ? {} : { stroke: halo, 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke' }),
    transform: rotate === undefined ? null : `rotate(${rotate} ${written(x)} ${written(y)})`,
  }, escapeText(content));
}

/** Width of a line in DejaVu Sans, from above by a few per cent; other fonts of a page are narrower. */
export function textWidth(content: string, size: number, bold = false): number {
  const em = Array.from(content).reduce((sum, c) => sum + (/[iljtfrI.,:;|!()[\]' ·]/.test(c) ? 0.39 : /[mwMW@%→]/.test(c) ? 0.98 : /[A-Z]/.test(c) ? 0.72 : 0.63), 0);
  return em * size * (bold ? 1.1 : 1);
}

export const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1, dash: string | null = null): string =>
  el('line', { x1, y1, x2, y2, stroke, 'stroke-width': width, 'stroke-dasharray': dash });

/** `M x y L x y …` through the points. */
export const pathThrough = (points: readonly (readonly [number, number])[]): string => points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${written(x)} ${written(y)}`).join('');

const MARKERS: Readonly<Record<SeriesStyle['marker'], (r: number) => string>> = {
  circle: (r) => `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`,
  square: (r) => `M${-r} ${-r}H${r}V${r}H${-r}Z`,
  triangle: (r) => `M0 ${-1.2 * r}L${1.1 * r} ${0.9 * r}H${-1.1 * r}Z`,
  triangleDown: (r) => `M0 ${1.2 * r}L${1.1 * r} ${-0.9 * r}H${-1.1 * r}Z`,
  diamond: (r) => `M0 ${-1.3 * r}L${1.3 * r} 0L0 ${1.3 * r}L${-1.3 * r} 0Z`,
  plus: (r) => `M${-0.45 * r} ${-1.25 * r}H${0.45 * r}V${-0.45 * r}H${1.25 * r}V${0.45 * r}H${0.45 * r}V${1.25 * r}H${-0.45 * r}V${0.45 * r}H${-1.25 * r}V${-0.45 * r}H${-0.45 * r}Z`,
};

/** A series' marker; `title` is shown when the pointer rests on it. */
export function marker(x: number, y: number, style: SeriesStyle, paper: string, title?: string): string {
  const radius = style.width > 2 ? 5 : 4;
  const attributes = {
    d: MARKERS[style.marker](radius), transform: `translate(${written(x)} ${written(y)})`, fill: style.hollow ? paper : style.colour,
    stroke: style.hollow ? style.colour : paper, 'stroke-width': style.hollow ? 2 : 1,
  };
  return title === undefined ? el('path', attributes) : el('path', attributes, el('title', {}, escapeText(title)));
}

/** A whole drawing on the theme's paper. `description` is what it says to those who do not see it. */
export function drawing(width: number, height: number, theme: Theme, description: string, ...body: readonly string[]): string {
  return el('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${written(width)} ${written(height)}`, width, height, 'font-family': theme.font, role: 'img', 'aria-label': description },
    el('rect', { width, height, fill: theme.paper }), ...body);
}

/** Bytes of a PNG as an address. `btoa` is there in Node and in a browser. */
export function pngAddress(png: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < png.length; i += 4096) binary += String.fromCharCode(...png.subarray(i, i + 4096));
  return `data:image/png;base64,${btoa(binary)}`;
}
