import type { RunIndex } from '../../store/run-index';
import type { RunSummary } from '../../store/run';

type Runs = Pick<RunIndex, 'all' | 'get'>;

/** The chosen runs that are there, with the models that they come from and the runs that were made of them; newest first. */
export function relatedRuns(runs: Runs, chosen: readonly string[]): RunSummary[] {
  const ids = new Set(chosen);
  const parents = new Set(chosen.flatMap((id) => runs.get(id)?.parents ?? []));
  return runs.all().filter((run) => ids.has(run.id) || parents.has(run.id) || run.parents.some((id) => ids.has(id)));
}

/** The students that are meant: the chosen ones; where none is, all that belong to the chosen runs. */
export function chosenStudents(runs: Runs, chosen: readonly string[]): RunSummary[] {
  const related = relatedRuns(runs, chosen).filter((run) => run.kind === 'student');
  const direct = related.filter((run) => chosen.includes(run.id));
  return direct.length > 0 ? direct : related;
}
