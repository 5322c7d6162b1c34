/** What tells chosen runs apart: a colour for each that trains, and a name that no other has. */
import type { PanelRun } from './protocol';

export const trains = ({ kind }: Pick<PanelRun, 'kind'>): boolean => kind === 'teacher' || kind === 'student';

/** Places on the table of colours, in the order of choosing; only what has a curve takes one. */
export function colourPlaces(chosen: readonly PanelRun[]): Map<string, number> {
  return new Map(chosen.filter(trains).map((run, place) => [run.id, place]));
}

/** The names of the chosen runs; those that share one get the time of their start after it, or else their whole id. */
export function distinctNames(chosen: readonly PanelRun[]): Map<string, string> {
  const timed = ({ name, created }: PanelRun): string => `${name}, ${created.slice(5, 16).replace('T', ' ')}`;
  const shared = (nameOf: (run: PanelRun) => string, run: PanelRun): boolean => chosen.some((other) => other.id !== run.id && nameOf(other) === nameOf(run));
  return new Map(chosen.map((run) => [run.id, !shared((one) => one.name, run) ? run.name : shared(timed, run) ? run.id : timed(run)]));
}
