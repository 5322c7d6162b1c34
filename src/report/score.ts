/** What the values of a metric say: which of two is better, and what the noise floor is to them. */
import { short } from '../core/number-text';
import type { Summary } from '../core/statistics';
import type { MetricInfo } from '../metrics/names';

/** What has to be known of a metric to read its values. */
export type Reading = Pick<MetricInfo, 'better' | 'scale'>;

/** Median and range over the seeds, null where it was not measured, and those of the teacher against itself, null where it has no such meaning. */
interface Scored {
  readonly value: Summary | null;
  readonly floor: Summary | null;
}

export const isBetter = ({ better }: Pick<Reading, 'better'>, a: number, b: number): boolean => (better === 'lower' ? a < b : a > b);

/** The ends of a range. */
export const bestEnd = ({ better }: Pick<Reading, 'better'>, { min, max }: Summary): number => (better === 'lower' ? min : max);
export const worstEnd = ({ better }: Pick<Reading, 'better'>, { min, max }: Summary): number => (better === 'lower' ? max : min);

/** The one with the best median, the first of equals; what was measured before what was not. Undefined of none. */
export function bestOf<T extends Pick<Scored, 'value'>>(scored: readonly T[], reading: Pick<Reading, 'better'>): T | undefined {
  return scored.reduce<T | undefined>((best, one) => (best === undefined || (one.value !== null && (best.value === null || isBetter(reading, one.value.median, best.value.median))) ? one : best), undefined);
}

/** Whether a value is no worse than the teacher against itself under some other seed, so that the metric cannot tell it from the teacher. */
export const isWithinFloor = (reading: Pick<Reading, 'better'>, value: number, floor: Summary): boolean => !isBetter(reading, worstEnd(reading, floor), value);

/** A value over the median of the teacher against itself; undefined where there is no floor, or its multiples mean nothing. */
export function timesFloor({ value, floor }: Scored, { scale }: Pick<Reading, 'scale'>): number | undefined {
  return scale === 'distance' && value !== null && floor !== null && floor.median > 0 ? value.median / floor.median : undefined;
}

/** What the teacher against itself is called: nothing can be below a floor, and hardly above what the teacher has. */
export const floorName = ({ better }: Pick<Reading, 'better'>): string => (better === 'lower' ? 'noise floor' : 'teacher against itself');

/** The floor itself, `0.75`; of an estimate, whose median is about 0 of either sign, `up to 0.0012`. */
export const floorText = (floor: Summary, { scale }: Pick<Reading, 'scale'>): string => (scale === 'estimate' ? `up to ${short(floor.max)}` : short(floor.median));

/** `0.91 × floor`; where multiples mean nothing `teacher 0.75`, or `floor up to 0.0012`; undefined without a floor. */
export function floorNote(scored: Scored, reading: Reading): string | undefined {
  const times = timesFloor(scored, reading);
  if (times !== undefined) return `${short(times)} × floor`;
  return scored.floor === null || reading.scale === 'distance' ? undefined : `${floorHead(reading)} ${floorText(scored.floor, reading)}`;
}

/** A table's column that sets values beside the floor: as multiples of it, or the floor itself. */
export function floorColumn(reading: Reading, write: (ratio: number) => string): { readonly head: string; readonly cell: (scored: Scored) => string | undefined } {
  if (reading.scale !== 'distance') return { head: floorHead(reading), cell: ({ floor }) => (floor === null ? undefined : floorText(floor, reading)) };
  return {
    head: '× floor',
    cell(scored) {
      const times = timesFloor(scored, reading);
      return times === undefined ? undefined : write(times);
    },
  };
}

const floorHead = ({ better }: Pick<Reading, 'better'>): string => (better === 'lower' ? 'floor' : 'teacher');
