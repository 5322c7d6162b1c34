import type { Command } from 'commander';
import * as path from 'node:path';
import { comparisonTable } from '../comparison';
import { REPORT_FILE } from '../../store/run';
import { rowsOf } from '../../store/events';
import { runExperiment } from '../execute';
import { globalsOf } from '../globals';
import { short } from '../table';

export function addDistill(program: Command): void {
  program.command('distill <file>').description('run what is missing of an experiment: teacher, paths, students, evaluation')
    .option('--set <path=value>', 'change a value of the experiment, such as students.0.depth=6 (repeatable)', (value: string, all: string[] | undefined) => [...(all ?? []), value])
    .action(async (file: string, { set = [] }: { set?: string[] }) => {
      const globals = globalsOf(program);
      const result = await runExperiment(globals, file, set);
      const runs = result.runs.map(({ id, kind, state, dir }) => ({ id, kind, state, dir }));
      const newest = (kind: string): string | null => runs.filter((run) => run.kind === kind).at(-1)?.id ?? null;
      const rows = runs.filter((run) => run.kind === 'evaluation').flatMap((run) => rowsOf(run.dir));
      globals.output.result({ experiment: result.name, teacher: newest('teacher'), student: newest('student'), runs }, `${comparisonTable(rows)}\nreport: ${reportOf(result.runs) ?? 'none'}`);
    });
}

export function addDemo(program: Command): void {
  program.command('demo').description('the whole story: 8 gaussians from nothing to a student of 5 steps').action(async () => {
    const globals = globalsOf(program);
    const started = performance.now();
    const result = await runExperiment(globals, path.join(__dirname, '..', 'media', 'examples', '8-gaussians.sigdeg.json'), []);
    const rows = result.runs.filter((run) => run.kind === 'evaluation').flatMap((run) => rowsOf(run.dir));
    const seconds = (performance.now() - started) / 1000;
    const report = reportOf(result.runs);
    globals.output.result({ rows, report, seconds }, `${comparisonTable(rows)}\n${short(seconds)} s in all; report: ${report ?? 'none'}`);
  });
}

/** The page of the newest evaluation among some runs. */
function reportOf(runs: readonly { kind: string; dir: string }[]): string | null {
  const evaluation = runs.findLast(({ kind }) => kind === 'evaluation');
  return evaluation === undefined ? null : path.join(evaluation.dir, REPORT_FILE);
}
