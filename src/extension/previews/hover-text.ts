/** What a hover says of a student, the teacher or an evaluation, as Markdown in which everything that comes from a run or a file is text. */
import { printable } from '../../core/printable';
import { duration, short } from '../../core/number-text';
import { comparisonLines, contestantTitle, metricTitle, PATHWISE, primaryMetric, type ComparisonLine } from '../../report/comparison';
import { floorColumn } from '../../report/score';
import type { RunSummary } from '../../store/run';
import type { MatchedRun, MatchedStudent } from './matching';
import type { Figures } from './run-figures';
import { countsText, pictureOf, qualityOf, stateText } from './student-figures';

export interface Hover {
  readonly markdown: string;
  /** A picture's file, shown below the text. */
  readonly picture?: string;
}

export interface HoverSituation {
  readonly figures: Figures;
  /** ms since 1970. */
  readonly now: number;
}

/** Of a sweep, so many students are told of. */
const MOST_LINES = 16;

export function teacherHover(matched: MatchedRun, situation: HoverSituation): Hover {
  return { markdown: runLines('Teacher', matched, situation).join('\n\n') };
}

/** One student with all its lines, or the students of a sweep with one line each; the newest picture of them. */
export function studentHover(students: readonly MatchedStudent[], situation: HoverSituation): Hover | undefined {
  const made = students.filter((student) => student.matched !== undefined);
  const first = made[0];
  if (first === undefined) return undefined;
  const measured = made.map((student) => ({ student, quality: qualityOf(student, situation.figures) }));
  const metric = measured.find(({ quality }) => quality !== undefined)?.quality?.metric ?? PATHWISE;
  const rows = measured.flatMap(({ student, quality }) => (quality?.metric === metric ? quality.lines.map((line) => ({ title: made.length === 1 ? `${line.steps} steps` : `${student.name}, ${line.steps} steps`, line })) : []));
  const heads = made.length === 1
    ? runLines(`Student ${first.name}`, first.matched!, situation)
    : [`**Students of the sweep**: ${countsText(students)}`, ...unfinished(made, situation)];
  const pictures = made.flatMap((student) => pictureOf(student, situation.figures) ?? []);
  const picture = pictures.reduce<(typeof pictures)[number] | undefined>((newest, one) => (newest && newest.time >= one.time ? newest : one), undefined);
  return {
    markdown: [...heads, ...(rows.length > 0 ? [table(rows, metric)] : [])].join('\n\n'),
    ...(picture ? { picture: picture.file } : {}),
  };
}

/** Of the students of a sweep those that run or ended early, a line each in one paragraph. */
function unfinished(students: readonly MatchedStudent[], situation: HoverSituation): string[] {
  const lines = students.filter(({ matched }) => matched!.run.state !== 'done').map(({ name, matched }) => `${escaped(name)}: ${stateText(matched!.run, paceOf(matched!.run, situation), situation.now)}`);
  return lines.length === 0 ? [] : [lines.slice(0, MOST_LINES).join('  \n')];
}

/** Every sampler at its best setting. */
export function evaluationHover(matched: MatchedRun, situation: HoverSituation): Hover {
  const rows = situation.figures.rows(matched.run);
  const metric = primaryMetric(rows);
  const lines = comparisonLines(rows, metric).map((line) => ({ title: line.teacher ? 'Teacher' : `${contestantTitle(line)} @ ${line.steps}`, line }));
  const first = lines[0]?.line;
  const head = runLines('Evaluation', matched, situation);
  if (first === undefined) return { markdown: head.join('\n\n') };
  const floor = lines.find(({ line }) => line.floor !== null)?.line.floor;
  const note = `${short(first.n)} samples, ${first.seeds} seed${first.seeds === 1 ? '' : 's'}${floor ? `; ${metricTitle(metric).better === 'lower' ? 'floor (the teacher against itself)' : 'the teacher against itself'} ${short(floor.median)}, range ${short(floor.min)}–${short(floor.max)}` : ''}`;
  return { markdown: [...head, table(lines, metric), note].join('\n\n') };
}

function runLines(title: string, { run, current }: MatchedRun, situation: HoverSituation): string[] {
  const pace = paceOf(run, situation);
  const loss = pace?.loss === undefined ? '' : `, loss ${short(pace.loss)}`;
  return [
    `**${escaped(title)}**: ${stateText(run, pace, situation.now)}${loss}`,
    ...(run.error ? [`${escaped(run.error.code)}: ${escaped(run.error.message, 300)}`] : []),
    ...(current ? [] : ['_Made with other values than the file has now, or from another teacher._']),
  ];
}

const paceOf = (run: RunSummary, { figures }: HoverSituation): ReturnType<Figures['pace']> => figures.pace(run);

function table(rows: readonly { title: string; line: ComparisonLine }[], metric: string): string {
  const paths = metric !== PATHWISE && rows.some(({ line }) => line.rmse !== null);
  const floor = floorColumn(metricTitle(metric), short);
  const floors = rows.some(({ line }) => floor.cell(line) !== undefined);
  const columns: { head: string; cell: (line: ComparisonLine) => string }[] = [
    { head: metricTitle(metric).short, cell: ({ value }) => (value ? short(value.median) : '–') },
    ...(floors ? [{ head: floor.head, cell: (line: ComparisonLine) => floor.cell(line) ?? '–' }] : []),
    ...(paths ? [{ head: metricTitle(PATHWISE).short, cell: ({ rmse }: ComparisonLine) => (rmse ? short(rmse.median) : '–') }] : []),
    { head: 'time', cell: ({ seconds }) => timeText(seconds) },
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...columns.map(({ head }) => `${SPACE}${escaped(head)}`)]),
    line([':--', ...columns.map(() => '--:')]),
    ...rows.slice(0, MOST_LINES).map(({ title, line: of }) => line([escaped(title), ...columns.map(({ cell }) => `${SPACE}${cell(of)}`)])),
    ...(rows.length > MOST_LINES ? [line([`and ${rows.length - MOST_LINES} more`, ...columns.map(() => '')])] : []),
  ].join('\n');
}

/** A hover's table has no room between its columns. */
const SPACE = '&emsp;';

function timeText(seconds: number): string {
  if (seconds < 0.9995) return `${short(1000 * seconds)} ms`;
  return seconds < 60 ? `${short(seconds)} s` : duration(seconds);
}

/** Text that Markdown shows as it is: no link, no picture, no table's border, no HTML. */
export function escaped(text: string, longest = 80): string {
  return printable(text, longest).replace(/[\\`*_{}[\]()#+\-.!~|<>$:@]/g, '\\$&').replace(/&/g, '&amp;');
}
