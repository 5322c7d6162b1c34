/** The search of every solver's best setting on fewer samples, so that only those are measured on all. */
import { METRIC_INFO } from '../metrics/names';
import type { Contestant } from './contestants';
import type { Measure } from './measures';

/** The measures by which settings are chosen: the first metric that compares distributions, against whatever it is measured. */
export function searchMeasures(measures: readonly Measure[]): Measure[] {
  const first = measures.find(({ metric }) => !METRIC_INFO[metric].paired) ?? measures[0]!;
  return measures.filter(({ metric }) => metric === first.metric);
}

/** Contestants that differ in nothing but their setting. */
const groupKey = ({ choice: { model, sampler, steps } }: Contestant): string => JSON.stringify([model, sampler, steps]);

/** Contestants whose sampler has more than one setting at its step count. */
export function contested(contestants: readonly Contestant[]): Contestant[] {
  const sizes = new Map<string, number>();
  for (const contestant of contestants) sizes.set(groupKey(contestant), (sizes.get(groupKey(contestant)) ?? 0) + 1);
  return contestants.filter((contestant) => sizes.get(groupKey(contestant))! > 1);
}

/**
 * Those that are measured on all samples: of every sampler and step count the best setting by each measure, which may be several.
 * @param scoreOf of a contested contestant by a measure, whichever way the metric runs; undefined where it has none (a solver of the ODE has no paired error): such
 * ones stay, since nothing tells which is best.
 */
export function finalists(contestants: readonly Contestant[], measures: readonly Measure[], scoreOf: (contestant: Contestant, measure: Measure) => number | undefined): Contestant[] {
  const searched = new Set(contested(contestants));
  const winners = new Set<Contestant>();
  for (const measure of measures) {
    const sign = METRIC_INFO[measure.metric].better === 'lower' ? 1 : -1;
    const best = new Map<string, { contestant: Contestant; score: number }>();
    for (const contestant of searched) {
      const found = scoreOf(contestant, measure);
      if (found === undefined) {
        winners.add(contestant);
        continue;
      }
      // A sampler whose samples burst has no number, which is less than none, not better than all.
      const score = Number.isNaN(found) ? Infinity : sign * found;
      const known = best.get(groupKey(contestant));
      if (known === undefined || score < known.score) best.set(groupKey(contestant), { contestant, score });
    }
    for (const { contestant } of best.values()) winners.add(contestant);
  }
  return contestants.filter((contestant) => !searched.has(contestant) || winners.has(contestant));
}
