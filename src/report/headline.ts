/** What a comparison says in words: for each step count the best student beside the best solver and the floor, won or not. */
import { short } from '../core/number-text';
import type { EvaluationRow } from '../store/evaluation-row';
import { comparisonLines, contestantTitle, isStudent, metricTitle, PATHWISE, primaryMetric, settingTitle, type ComparisonLine } from './comparison';
import { bestEnd, bestOf, floorName, floorText, isBetter, isWithinFloor, timesFloor, worstEnd, type Reading } from './score';

type Measured = ComparisonLine & { readonly value: NonNullable<ComparisonLine['value']> };

/** A sentence or two for each number of evaluations at which a student was measured, fewest first. */
export function headlines(rows: readonly EvaluationRow[]): string[] {
  const metric = primaryMetric(rows);
  const reading = metricTitle(metric);
  const lines = measuredIn(rows, metric);
  const paths = metric === PATHWISE ? [] : measuredIn(rows, PATHWISE);
  return [...new Set(lines.map((line) => line.nfe))].flatMap((nfe) => {
    const student = bestOf(lines.filter((line) => line.nfe === nfe && isStudent(line)), reading);
    if (student === undefined) return [];
    const solver = bestOf(lines.filter((line) => line.nfe === nfe && !isStudent(line)), reading);
    const ours = `At ${nfe} evaluation${nfe === 1 ? '' : 's'} ${contestantTitle(student)}: ${reading.short} ${short(student.value.median)}${beside(student, reading)}`;
    const path = pathSentence(student, bestOf(paths.filter((line) => line.nfe === nfe && !isStudent(line)), metricTitle(PATHWISE)));
    if (solver === undefined) return [`${ours}.${path}`];
    const theirs = `${contestantTitle(solver)} (${settingTitle(solver)}), has ${short(solver.value.median)}`;
    return [`${ours}; the best solver, ${theirs}${verdict(student, solver, reading)}.${path}`];
  });
}

const measuredIn = (rows: readonly EvaluationRow[], metric: string): Measured[] =>
  comparisonLines(rows, metric).filter((line): line is Measured => line.value !== null && !line.teacher);

/** The floor in words: as a multiple where it can be one. */
function beside(student: Measured, reading: Reading): string {
  const times = timesFloor(student, reading);
  if (times !== undefined) return `, ${times.toFixed(2)} × the noise floor`;
  return student.floor === null ? '' : ` (${floorName(reading)} ${floorText(student.floor, reading)})`;
}

/** A metric cannot tell apart what lies within its floor, nor decide by ranges over the seeds that overlap. */
function verdict(student: Measured, solver: Measured, reading: Reading): string {
  const { floor } = student;
  if (floor !== null && [student, solver].every(({ value }) => isWithinFloor(reading, value.median, floor))) {
    return `: both lie within the ${reading.better === 'lower' ? 'floor' : 'range of the teacher against itself'}, where this metric cannot tell them from the teacher`;
  }
  if (isBetter(reading, worstEnd(reading, student.value), bestEnd(reading, solver.value))) return '';
  if (isBetter(reading, worstEnd(reading, solver.value), bestEnd(reading, student.value))) return ' and is better';
  return '; their ranges over the seeds overlap, so that the two cannot be told apart';
}

/** The pathwise error of the same student, beside the best solver that follows the path. */
function pathSentence(student: Measured, solver: Measured | undefined): string {
  if (student.rmse === null || solver === undefined) return '';
  return ` On the teacher's own path its RMSE is ${short(student.rmse.median)}, that of the best SDE solver, ${contestantTitle(solver)}, ${short(solver.value.median)}.`;
}
