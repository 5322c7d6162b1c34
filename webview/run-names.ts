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
  const counts = new Map<string, number>();
  for (const run of chosen) for (const name of [run.name, timed(run)]) counts.set(name, (counts.get(name) ?? 0) + 1);
  const unique = (name: string): boolean => counts.get(name) === 1;
  return new Map(chosen.map((run) => [run.id, [run.name, timed(run)].find(unique) ?? run.id]));
}
