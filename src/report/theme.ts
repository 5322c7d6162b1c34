/**
 * The greys of a drawing. A PNG needs colours spelled out; in a page they are CSS variables, so that one drawing follows light and dark. Series
 * colours are the same in both (series.ts).
 */
export interface Theme {
  /** Text and the teacher. */
  readonly ink: string;
  /** Ticks, second lines. */
  readonly muted: string;
  /** Grid lines, frames. */
  readonly grid: string;
  readonly paper: string;
  /** The noise floor. */
  readonly band: string;
  readonly font: string;
}

export const LIGHT: Theme = { ink: '#1b1f24', muted: '#57606a', grid: '#d8dee4', paper: '#ffffff', band: '#dfe3e8', font: 'DejaVu Sans' };
export const DARK: Theme = { ink: '#e6e8eb', muted: '#9aa4af', grid: '#363c44', paper: '#16191d', band: '#343a42', font: 'DejaVu Sans' };

/** For drawings inside a page that has `themeCss`. */
export const PAGE: Theme = { ink: 'var(--ink)', muted: 'var(--muted)', grid: 'var(--grid)', paper: 'var(--paper)', band: 'var(--band)', font: 'system-ui, sans-serif' };

const variables = ({ ink, muted, grid, paper, band }: Theme): string => `--ink:${ink};--muted:${muted};--grid:${grid};--paper:${paper};--band:${band}`;

export const themeCss = `:root{color-scheme:light dark;${variables(LIGHT)}}@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}`;
