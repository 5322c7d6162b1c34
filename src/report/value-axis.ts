/** The axis of a metric's values: logarithmic for distances and their estimates, linear for shares and decibels, whose differences count. */
import type { Summary } from '../core/statistics';
import { linearDomain, linearScale, logDomain, logScale, type Scale } from './axis';
import type { Reading } from './score';

/** An estimate is about 0 within its floor: what lies under this share of the floor's upper end is all drawn there. */
const LEAST_SHARE = 0.1;

export interface ValueAxis {
  readonly log: boolean;
  /** Where a value is drawn: itself, unless it is too near to 0 for a logarithm. */
  readonly place: (value: number) => number;
}

export function valueAxis({ scale }: Pick<Reading, 'scale'>, floor: Summary | null): ValueAxis {
  const least = scale === 'estimate' && floor !== null && floor.max > 0 ? LEAST_SHARE * floor.max : -Infinity;
  return { log: scale !== 'level', place: (value) => Math.max(value, least) };
}

/** A scale around the values and the floor. */
export function valueScale(reading: Pick<Reading, 'scale'>, values: readonly number[], floor: Summary | null, range: readonly [number, number]): Scale {
  const { log, place } = valueAxis(reading, floor);
  const all = [...values, ...(floor ? [floor.min, floor.max] : [])].map(place);
  return log ? logScale(logDomain(all), range) : linearScale(linearDomain(all), range);
}
