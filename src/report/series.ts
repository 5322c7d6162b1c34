/**
 * How each sampler is drawn: a colour of Okabe and Ito's set, which the colour-blind can tell apart, and a marker and a dash of its own, for grey
 * print. The one place that says so.
 */
import { SOLVER_NAMES, type SamplerName } from '../diffusion/samplers/names';

export type MarkerShape = 'circle' | 'square' | 'triangle' | 'triangleDown' | 'diamond' | 'plus';

export interface SeriesStyle {
  readonly colour: string;
  readonly marker: MarkerShape;
  /** stroke-dasharray; null: a solid line. */
  readonly dash: string | null;
  /** A hollow marker: filled with paper. */
  readonly hollow: boolean;
  readonly width: number;
}

const OKABE_ITO = { orange: '#e69f00', sky: '#56b4e9', green: '#009e73', blue: '#0072b2', vermillion: '#d55e00', purple: '#cc79a7', grey: '#888888' } as const;

const solver = (colour: string, marker: MarkerShape, dash: string): SeriesStyle => ({ colour, marker, dash, hollow: false, width: 1.5 });

const STYLES: Readonly<Partial<Record<SamplerName, SeriesStyle>>> = {
  'sig-deg': { colour: OKABE_ITO.vermillion, marker: 'circle', dash: null, hollow: false, width: 2.5 },
  'dpmpp-2m': solver(OKABE_ITO.blue, 'square', '7 3'),
  'sde-dpmpp-2m': solver(OKABE_ITO.sky, 'diamond', '7 3 2 3'),
  ddim: solver(OKABE_ITO.green, 'triangle', '2 3'),
  ddpm: solver(OKABE_ITO.purple, 'triangleDown', '5 2'),
  'euler-maruyama': solver(OKABE_ITO.orange, 'plus', '10 4'),
  unipc: { ...solver(OKABE_ITO.blue, 'circle', '3 3'), hollow: true },
};

const COLOURS = [OKABE_ITO.blue, OKABE_ITO.vermillion, OKABE_ITO.green, OKABE_ITO.purple, OKABE_ITO.orange, OKABE_ITO.sky] as const;
const MARKERS = ['square', 'diamond', 'triangle', 'triangleDown'] as const;

/** Of the other solvers each has a colour, a hollow marker and a dash that no other has together. */
const OTHERS = new Map<string, SeriesStyle>(SOLVER_NAMES.filter((name) => !Object.hasOwn(STYLES, name)).map((name, i) => {
  const turn = Math.floor(i / COLOURS.length);
  return [name, { ...solver(COLOURS[i % COLOURS.length]!, MARKERS[(i + turn) % MARKERS.length]!, ['8 2', '4 4', '1 3', '12 2 1 2'][turn % 4]!), hollow: true }];
}));

const UNKNOWN = solver(OKABE_ITO.grey, 'square', '1 2');

/** Depths of one student family: the deepest is solid (rank 0), the others are dashed, hollow and thinner. */
const STUDENT_RANKS: readonly Partial<SeriesStyle>[] = [
  {},
  { dash: '6 3', hollow: true, width: 2 },
  { dash: '2 3', hollow: true, width: 1.5, marker: 'diamond' },
  { dash: '9 3 2 3', hollow: true, width: 1.5, marker: 'square' },
];

/** The style of a sampler; `rank` counts the student's depths from the deepest. */
export function seriesStyle(sampler: string, rank = 0): SeriesStyle {
  const style = (Object.hasOwn(STYLES, sampler) ? STYLES[sampler as SamplerName] : OTHERS.get(sampler)) ?? UNKNOWN;
  return { ...style, ...STUDENT_RANKS[Math.min(rank, STUDENT_RANKS.length - 1)] };
}

const SHADES = ['#d55e00', '#b8860b', '#a0522d', '#e58a4e', '#8c6d5a', '#f0b27a'] as const;

/** Many students in one picture, where lines are too close for dashes alone: shades of the student's colour by depth, from the deepest. */
export function shadedStudent(rank: number): SeriesStyle {
  return { ...seriesStyle('sig-deg', rank), colour: SHADES[rank % SHADES.length]!, width: rank === 0 ? 2 : 1.5 };
}

const RUN_DASHES = [null, '7 3', '2 3', '9 3 2 3'] as const;

/** Runs side by side in one picture, whatever they are: the colours in turn, then again with another dash. */
export function runStyle(index: number): SeriesStyle {
  const turn = Math.floor(index / COLOURS.length);
  return { colour: COLOURS[index % COLOURS.length]!, marker: 'circle', dash: RUN_DASHES[turn % RUN_DASHES.length]!, hollow: false, width: 2 };
}

/** A training's loss on what is held out, beside that on what it is trained on. */
export const heldOutStyle = (style: SeriesStyle): SeriesStyle => ({ ...style, dash: '2 3' });

/** The teacher and the data, drawn in the theme's ink. */
export const referenceStyle = (ink: string): SeriesStyle => ({ colour: ink, marker: 'circle', dash: null, hollow: false, width: 1.5 });

/** The colour of a contestant, whatever it is drawn as. @param ink of the theme, in which the teacher is drawn */
export const contestantColour = ({ teacher, sampler }: { readonly teacher: boolean; readonly sampler: string }, ink: string): string => (teacher ? referenceStyle(ink) : seriesStyle(sampler)).colour;

/** Red, green and blue of `#rrggbb`, 0 … 255. */
export const rgbOf = (colour: string): readonly [number, number, number] => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
