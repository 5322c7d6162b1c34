/** The series of a quality picture: one for each sampler, the students of a few depths apart, at each NFE the best. */
import { short } from '../core/number-text';
import type { Summary } from '../core/statistics';
import { comparisonLines, contestantTitle, isStudent, metricTitle, settingTitle, type ComparisonLine } from './comparison';
import { bestOf, floorName, type Reading } from './score';
import { seriesStyle, type SeriesStyle } from './series';
import type { EvaluationRow } from '../store/evaluation-row';

export type MeasuredLine = ComparisonLine & { readonly value: Summary };

export interface QualitySeries {
  readonly label: string;
  readonly style: SeriesStyle;
  readonly student: boolean;
  /** By rising NFE. */
  readonly lines: readonly MeasuredLine[];
}

/** More depths than these become one line of the best. */
const MOST_DEPTHS = 4;

/** Students of one depth for each step count make one line too: a line for each depth would be a single point. */
const isOneLine = (students: readonly MeasuredLine[], depths: number): boolean =>
  depths > MOST_DEPTHS || (depths > 1 && new Set(students.map(({ nfe }) => nfe)).size === new Set(students.map(({ nfe, depth }) => `${nfe} ${depth}`)).size);

/** Solvers first, students last, so that they are drawn on top; the deepest at the very top. The teacher is the floor, no series. */
export function qualitySeries(rows: readonly EvaluationRow[], metric: string): QualitySeries[] {
  const measured = comparisonLines(rows, metric).filter((line): line is MeasuredLine => !line.teacher && line.value !== null);
  const depths = [...new Set(measured.filter(isStudent).map((line) => line.depth ?? 0))].sort((a, b) => b - a);
  const merged = isOneLine(measured.filter(isStudent), depths.length);
  const groups = new Map<string, MeasuredLine[]>();
  for (const line of measured) {
    const key = isStudent(line) && merged ? line.sampler : JSON.stringify([line.sampler, line.depth]);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const series = [...groups.values()].map((lines): QualitySeries => {
    const first = lines[0]!;
    const student = isStudent(first);
    const rank = student && !merged ? depths.indexOf(first.depth ?? 0) : 0;
    const best = bestOfEachNfe(lines, metricTitle(metric));
    const shown = best.map((line) => line.depth ?? 0);
    const [least, most] = [Math.min(...shown), Math.max(...shown)];
    const label = least === most ? contestantTitle(best[0]!) : `${contestantTitle({ ...first, depth: null })}, depth ${least}–${most}`;
    return { label, style: seriesStyle(first.sampler, rank), student, lines: best };
  });
  const depthOf = ({ lines }: QualitySeries): number => lines[0]!.depth ?? 0;
  return series.sort((a, b) => Number(a.student) - Number(b.student) || a.label.localeCompare(b.label, 'en') * Number(!a.student) || depthOf(a) - depthOf(b));
}

function bestOfEachNfe(lines: readonly MeasuredLine[], reading: Reading): MeasuredLine[] {
  const nfes = [...new Set(lines.map((line) => line.nfe))].sort((a, b) => a - b);
  return nfes.map((nfe) => bestOf(lines.filter((line) => line.nfe === nfe), reading)!);
}

/** What the band of the floor is called. */
export const floorLabel = (reading: Reading): string => (reading.better === 'lower' ? `${floorName(reading)}: teacher against itself` : `${floorName(reading)}, other seeds`);

/** What a mark says when the pointer rests on it. */
export const markTitle = (l: MeasuredLine): string =>
  `${contestantTitle(l)}, NFE ${l.nfe}: ${short(l.value.median)} (${short(l.value.min)}–${short(l.value.max)} over ${l.seeds} seeds), ${settingTitle(l)}`;
