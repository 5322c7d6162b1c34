/** What a comparison says in words: for each step count the best student beside the best solver and the floor, won or not. */
import { short } from '../core/number-text';
import type { EvaluationRow } from '../store/evaluation-row';
import { comparisonLines, contestantTitle, isStudent, metricTitle, PATHWISE, primaryMetric, settingTitle, type ComparisonLine } from './comparison';

type Measured = ComparisonLine & { readonly value: NonNullable<ComparisonLine['value']> };

/** A sentence or two for each number of evaluations at which a student was measured, fewest first. */
export function headlines(rows: readonly EvaluationRow[]): string[] {
  const metric = primaryMetric(rows);
  const { short: name } = metricTitle(metric);
  const lines = measuredIn(rows, metric);
  const paths = metric === PATHWISE ? [] : measuredIn(rows, PATHWISE);
  return [...new Set(lines.map((line) => line.nfe))].flatMap((nfe) => {
    const student = best(lines.filter((line) => line.nfe === nfe && isStudent(line)));
    if (student === undefined) return [];
    const solver = best(lines.filter((line) => line.nfe === nfe && !isStudent(line)));
    const floor = student.floor === null ? '' : `, ${(student.value.median / student.floor.median).toFixed(2)} × the noise floor`;
    const ours = `At ${nfe} evaluation${nfe === 1 ? '' : 's'} ${contestantTitle(student)}: ${name} ${short(student.value.median)}${floor}`;
    const path = pathSentence(student, best(paths.filter((line) => line.nfe === nfe && !isStudent(line))));
    if (solver === undefined) return [`${ours}.${path}`];
    const theirs = `${contestantTitle(solver)} (${settingTitle(solver)}), has ${short(solver.value.median)}`;
    return [`${ours}; the best solver, ${theirs}${verdict(student, solver)}.${path}`];
  });
}

const measuredIn = (rows: readonly EvaluationRow[], metric: string): Measured[] =>
  comparisonLines(rows, metric).filter((line): line is Measured => line.value !== null && !line.teacher);

const best = (lines: readonly Measured[]): Measured | undefined =>
  lines.reduce<Measured | undefined>((a, b) => (a === undefined || b.value.median < a.value.median ? b : a), undefined);

/** A metric cannot tell apart what lies within its floor, nor decide by ranges over the seeds that overlap. */
function verdict(student: Measured, solver: Measured): string {
  const { floor } = student;
  if (floor !== null && student.value.median <= floor.max && solver.value.median <= floor.max) return ': both lie within the floor, where this metric cannot tell them from the teacher';
  if (student.value.max < solver.value.min) return '';
  if (solver.value.max < student.value.min) return ' and is better';
  return '; their ranges over the seeds overlap, so that the two cannot be told apart';
}

/** The pathwise error of the same student, beside the best solver that follows the path. */
function pathSentence(student: Measured, solver: Measured | undefined): string {
  if (student.rmse === null || solver === undefined) return '';
  return ` On the teacher's own path its RMSE is ${short(student.rmse.median)}, that of the best SDE solver, ${contestantTitle(solver)}, ${short(solver.value.median)}.`;
}
