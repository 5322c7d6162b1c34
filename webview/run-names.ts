/** What tells chosen runs apart: a colour for each that trains, and a name that no other has. */
import type { PanelRun } from './protocol';

export const trains = ({ kind }: Pick<PanelRun, 'kind'>): boolean => kind === 'teacher' || kind === 'student';

/** Places on the table of colours, in the order of choosing; only what has a curve takes one. */
export function colourPlaces(chosen: readonly PanelRun[]): Map<string, number> {
  return new Map(chosen.filter(trains).map((run, place) => [run.id, place]));
}

/** The names of the chosen runs; those that share one get their kind after it, or the time of their start, or else their whole id. */
export function distinctNames(chosen: readonly PanelRun[]): Map<string, string> {
  const forms = ({ name, kind, created }: PanelRun): string[] => [name, `${name}, ${kind}`, `${name}, ${created.slice(5, 16).replace('T', ' ')}`];
  const counts = new Map<string, number>();
  for (const name of chosen.flatMap(forms)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map(chosen.map((run) => [run.id, forms(run).find((name) => counts.get(name) === 1) ?? run.id]));
}
