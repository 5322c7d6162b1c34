/** What a run's hover says, as Markdown in which everything that comes from the run is text. A long hover is cut off below: the picture comes early. */
import { metricTitle } from '../../report/comparison';
import { floorNote } from '../../report/score';
import { short } from '../../core/number-text';
import type { RunSummary } from '../../store/run';
import { escaped } from '../previews/hover-text';
import { configLines, runLabel } from './config-lines';
import { bestLine, stateFigure, type Measured } from './figures';

const LONGEST_ERROR = 400;
const MOST_LINES = 5;

/** Hard breaks keep lines apart; a hover is short. */
const lastLines = (lines: readonly string[] = []): string[] => (lines.length === 0 ? [] : [`Its last lines:  \n${lines.slice(-MOST_LINES).map((line) => escaped(line.trim(), 160)).join('  \n')}`]);

/** @param picture the address of the newest samples */
export function runHover(run: RunSummary, measured: Measured, picture?: string): string {
  const best = bestLine(run, measured);
  const floor = best && floorNote(best.line, metricTitle(best.metric));
  const quality = best === undefined ? [] : [['Best', `${metricTitle(best.metric).short} ${short(best.line.value!.median)} at ${best.line.steps} steps${floor === undefined ? '' : `, ${floor}`}`] as const];
  const loss = run.loss === undefined ? [] : [['Loss', `${short(run.loss.value)} at step ${run.loss.step}`] as const];
  const lines = [...loss, ...quality, ...configLines(run), ['Made', run.created.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')] as const];
  return [
    `**${escaped(`${run.experiment ?? run.name}: ${runLabel(run)}`)}** ${escaped(stateFigure(run) || run.state)}`,
    ...(run.error === undefined ? [] : [`${escaped(run.error.code)}: ${escaped(run.error.message, LONGEST_ERROR)}`, ...lastLines(run.error.lines)]),
    ...(picture === undefined ? [] : [`![newest samples](${picture}|height=200)`]),
    ['| | |', '|:--|:--|', ...lines.map(([title, text]) => `| ${escaped(title)} | ${escaped(text, 200)} |`)].join('\n'),
    `_${escaped(run.id, 120)}_`,
  ].join('\n\n');
}
