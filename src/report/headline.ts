/** What a comparison says in words: for each step count the best student beside the best solver and the floor, won or not. */
import { short } from '../core/number-text';
import type { EvaluationRow } from '../store/evaluation-row';
import { comparisonLines, contestantTitle, isStudent, metricTitle, primaryMetric, settingTitle, type ComparisonLine } from './comparison';

type Measured = ComparisonLine & { readonly value: NonNullable<ComparisonLine['value']> };

/** One sentence for each number of evaluations at which a student was measured, fewest first. */
export function headlines(rows: readonly EvaluationRow[]): string[] {
  const metric = primaryMetric(rows);
  const { short: name } = metricTitle(metric);
  const lines = comparisonLines(rows, metric).filter((line): line is Measured => line.value !== null && !line.teacher);
  const best = (of: readonly Measured[]): Measured | undefined => of.reduce<Measured | undefined>((a, b) => (a === undefined || b.value.median < a.value.median ? b : a), undefined);
  return [...new Set(lines.map((line) => line.nfe))].flatMap((nfe) => {
    const here = lines.filter((line) => line.nfe === nfe);
    const student = best(here.filter(isStudent));
    if (student === undefined) return [];
    const solver = best(here.filter((line) => !isStudent(line)));
    const floor = student.floor === null ? '' : `, ${(student.value.median / student.floor.median).toFixed(2)} × the noise floor`;
    const ours = `At ${nfe} evaluation${nfe === 1 ? '' : 's'} ${contestantTitle(student)}: ${name} ${short(student.value.median)}${floor}`;
    if (solver === undefined) return [`${ours}.`];
    const theirs = `${contestantTitle(solver)} (${settingTitle(solver)}), has ${short(solver.value.median)}`;
    return [`${ours}; the best solver, ${theirs}${verdict(student, solver)}.`];
  });
}

/** Ranges over the seeds that overlap decide nothing. */
function verdict(student: Measured, solver: Measured): string {
  if (student.value.max < solver.value.min) return '';
  if (solver.value.max < student.value.min) return ' and is better';
  return '; their ranges over the seeds overlap, so that the two cannot be told apart';
}
