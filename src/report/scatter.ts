/** Samples of a plane: a panel for each contestant, all on the same limits. */
import { encodePng } from '../formats/png';
import { densityRaster, limitsAround, type Limits } from './density';
import { contestantTitle, isStudent } from './comparison';
import type { SampleSet } from './input';
import { setNote } from './samples-note';
import { seriesStyle } from './series';
import { drawing, el, pngAddress, text, textWidth } from './svg';
import type { Theme } from './theme';

const [SIDE, HEAD, PIXELS, GAP] = [150, 34, 150, 10];
export const PANEL = { width: SIDE, height: HEAD + SIDE } as const;

/** The limits of all panels: those of the data, else of the teacher, else of the first set. */
export function sharedLimits(sets: readonly SampleSet[], dimension: number): Limits {
  const { samples } = sets.find(({ contestant }) => contestant === 'data') ?? sets.find(({ contestant }) => contestant !== 'data' && contestant.teacher) ?? sets[0]!;
  return limitsAround(samples, dimension);
}

const titleOf = ({ contestant }: SampleSet): string => (contestant === 'data' ? 'Data' : contestantTitle(contestant));

/** One panel as a group at (0, 0). The points are a mask over their colour, so that a page may be light or dark. `id` must be its own in the page. */
function panelMarkup(set: SampleSet, dimension: number, limits: Limits, metric: string, id: string, theme: Theme): string {
  const { contestant, samples } = set;
  const { ink, outside } = densityRaster(samples, dimension, limits, PIXELS);
  const png = encodePng({ width: PIXELS, height: PIXELS, channels: 1, data: ink });
  const reference = contestant === 'data' || contestant.teacher;
  const title = titleOf(set);
  const note = setNote(set, metric);
  const size = (content: string, most: number, bold: boolean): number => Math.min(most, (most * SIDE) / textWidth(content, most, bold));
  return text(0, 13, title, theme.ink, { size: size(title, 11.5, true), bold: reference || isStudent(contestant) })
    + text(0, 27, note, theme.muted, { size: size(note, 11, false) })
    + el('mask', { id, maskUnits: 'userSpaceOnUse', x: 0, y: HEAD, width: SIDE, height: SIDE },
      el('image', { x: 0, y: HEAD, width: SIDE, height: SIDE, href: pngAddress(png) }))
    + el('rect', { x: 0.5, y: HEAD + 0.5, width: SIDE - 1, height: SIDE - 1, fill: reference ? theme.ink : seriesStyle(contestant.sampler).colour, mask: `url(#${id})` })
    + el('rect', { x: 0.5, y: HEAD + 0.5, width: SIDE - 1, height: SIDE - 1, fill: 'none', stroke: theme.grid })
    + (outside < 0.0005 ? '' : text(SIDE - 4, HEAD + SIDE - 5, `${(100 * outside).toFixed(1)} % outside`, theme.muted, { size: 10, anchor: 'end', halo: theme.paper }));
}

/** A panel as a drawing of its own, for a page that arranges them by its width. */
export function scatterPanel(set: SampleSet, dimension: number, limits: Limits, metric: string, id: string, theme: Theme): string {
  return drawing(PANEL.width, PANEL.height, theme, `${titleOf(set)}, ${setNote(set, metric)}`, panelMarkup(set, dimension, limits, metric, id, theme));
}

/** All panels as one drawing. */
export function scatterGrid(sets: readonly SampleSet[], dimension: number, metric: string, theme: Theme, columns = 4): string {
  const limits = sharedLimits(sets, dimension);
  const across = Math.min(columns, sets.length);
  const down = Math.ceil(sets.length / across);
  const [pitchX, pitchY] = [PANEL.width + GAP, PANEL.height + GAP];
  return drawing(across * pitchX + GAP, down * pitchY + GAP, theme, `Samples of ${sets.map(titleOf).join(', ')}`,
    ...sets.map((set, i) => el('g', { transform: `translate(${GAP + (i % across) * pitchX} ${GAP + Math.floor(i / across) * pitchY})` }, panelMarkup(set, dimension, limits, metric, `points-${i}`, theme))));
}
