/** Cividis (Nuñez, Anderton, Renslow 2018): from dark blue to yellow, even to the eye and to the colour-blind. */

const STOPS = [[0, 34, 78], [18, 53, 112], [59, 73, 108], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 156, 116], [195, 179, 105], [225, 204, 85], [254, 232, 56]] as const;

type Rgb = readonly [number, number, number];

/** Colour of t in [0, 1]; outside it is clipped. */
export function cividis(t: number): Rgb {
  const at = Math.min(1, Math.max(0, t)) * (STOPS.length - 1);
  const below = Math.min(STOPS.length - 2, Math.floor(at));
  const mix = (k: 0 | 1 | 2): number => Math.round(STOPS[below]![k] + (at - below) * (STOPS[below + 1]![k] - STOPS[below]![k]));
  return [mix(0), mix(1), mix(2)];
}

export const hex = (rgb: Rgb): string => `#${rgb.map((c) => c.toString(16).padStart(2, '0')).join('')}`;

/** Relative luminance (WCAG 2). */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((c) => (c <= 10.31475 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever can be read better on a colour. At least 4.58:1 on every one. */
export const textOn = (rgb: Rgb): '#000000' | '#ffffff' => (luminance(rgb) > 0.179 ? '#000000' : '#ffffff');
