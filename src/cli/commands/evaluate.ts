import type { Command } from 'commander';
import * as path from 'node:path';
import { SigdegError } from '../../core/errors';
import { DEFAULT_SAMPLERS, samplerName, SAMPLER_NAMES, type NoiseSetting } from '../../diffusion/samplers/names';
import { METRIC_NAMES } from '../../metrics/names';
import { searchedGrids, GRID_KINDS } from '../../core/grid';
import { parseConfig } from '../../jobs/config-errors';
import { EvaluationSection } from '../../jobs/config-evaluation';
import type { EvaluationJobConfig } from '../../jobs/evaluation-job';
import { findModel } from '../../jobs/ready-models';
import type { StudentConfig } from '../../jobs/setup';
import { rowsOf } from '../../store/events';
import { readRun, REPORT_FILE, runFolder, type RunSummary } from '../../store/run';
import { comparisonTable } from '../comparison';
import { runAlone } from '../execute';
import { amount, globalsOf, whole } from '../globals';
import { amountOf, checkNoisySamplers } from '../noise-options';

interface Options {
  readonly samplers: string;
  readonly steps: string;
  readonly n: string;
  readonly seeds: string;
  readonly grids?: string;
  readonly eta?: string;
  readonly churn?: string;
  readonly metrics: string;
  readonly extractor: string;
  readonly toData?: true;
  readonly searchN?: string;
  readonly referenceSteps?: string;
  readonly guidance?: string;
}

/** Values of a setting that only one sampler has. @throws SigdegError BAD_USAGE */
const amounts = (name: NoiseSetting, text: string | undefined): number[] | undefined => (text === undefined ? undefined : listOf(text).map((word) => amountOf(name, word)));

const listOf = (text: string): string[] => text.split(',').map((word) => word.trim());

export function addEvaluate(program: Command): void {
  program.command('evaluate <run...>').description("measure samplers and students against all steps of their teacher")
    .option('--samplers <a,b>', SAMPLER_NAMES.join(', '), DEFAULT_SAMPLERS.join(','))
    .option('--steps <5,10>', 'step counts; a student runs at those that it was trained for', '5,10')
    .option('--n <n>', 'samples a set', '4096').option('--seeds <n>', 'seeds, at least 3', '3')
    .option('--grids <a,b>', `grids that are searched for each solver: ${GRID_KINDS.join(', ')} (default: ${searchedGrids('vp-linear', []).join(',')}, on the schedules ve and edm ${searchedGrids('edm', []).join(',')}, and those of the students)`)
    .option('--eta <a,b>', 'values that are searched for ddim-eta, 0 to 1 (default: 0.5)').option('--churn <a,b>', 'values of S_churn that are searched for heun-churn, at least 0 (default: 10)')
    .option('--metrics <a,b>', METRIC_NAMES.join(', '), 'swd,pathwise-rmse')
    .option('--extractor <name>', 'what feature metrics compare: auto, pixels, projections, mnist, fashion-mnist, or the path of a classifier (an ONNX network: in an experiment file, see docs/import-onnx.md)', 'auto')
    .option('--to-data', 'measure everything against the data, too')
    .option('--guidance <w>', 'of a teacher with classes: the scale at which all are compared, classes in turn (default 1, or the least that the students were taught)')
    .option('--search-n <n>', "samples on which every solver's settings are tried before the best is measured on all (default: all are)")
    .option('--reference-steps <n>', "draw the teacher's samples in so many SDE-DPM-Solver++ 2M steps instead of all its fine ones: on the same paths, and nearly the same")
    .action(async (refs: string[], options: Options) => {
      const globals = globalsOf(program);
      const { runsDir, output } = globals;
      const evaluation = parseConfig(EvaluationSection, {
        samplers: listOf(options.samplers).map(samplerName),
        steps: listOf(options.steps).map((text) => whole('--steps', text)),
        count: whole('--n', options.n, 2),
        seeds: whole('--seeds', options.seeds, 3),
        grids: options.grids === undefined ? undefined : listOf(options.grids),
        etas: amounts('eta', options.eta),
        churns: amounts('churn', options.churn),
        metrics: listOf(options.metrics),
        extractor: options.extractor,
        toData: options.toData === true,
        searchCount: options.searchN === undefined ? undefined : whole('--search-n', options.searchN, 2),
        referenceSteps: options.referenceSteps === undefined ? undefined : whole('--reference-steps', options.referenceSteps, 2),
        guidance: options.guidance === undefined ? undefined : amount('--guidance', options.guidance),
      }, 'evaluate');
      checkNoisySamplers(evaluation.samplers, options);
      const { teacher, students } = comparable(runsDir, await named(runsDir, refs, evaluation.steps));
      const { seed, baseDir, dataset, schedule, teacher: model } = teacher.config as unknown as EvaluationJobConfig;
      const config: EvaluationJobConfig = { seed, baseDir, dataset, schedule, teacher: model, evaluation: { ...evaluation, grids: evaluation.grids ?? searchedGrids(schedule.name, students.map(({ config }) => (config as unknown as StudentConfig).student.grid)) } };
      const dir = await runAlone(globals, { kind: 'evaluation', name: teacher.name, config, parents: [teacher.id, ...students.map(({ id }) => id)], seed });
      const rows = rowsOf(dir);
      output.result({ rows }, `${comparisonTable(rows)}\n${path.join(dir, REPORT_FILE)}`);
    });
}

/** The runs that are named; a name of several students stands for those of these step counts. @throws SigdegError NOT_FOUND */
async function named(runsDir: string, refs: readonly string[], steps: readonly number[]): Promise<RunSummary[]> {
  const runs = await Promise.all(refs.flatMap((ref) => steps.map((count) => findModel(runsDir, ref, count))));
  return [...new Map(runs.map((run) => [run.id, run])).values()];
}

/** The teacher that all these runs have in common, and the students among them. @throws SigdegError NOT_COMPARABLE when there is no such teacher. */
function comparable(runsDir: string, runs: readonly RunSummary[]): { teacher: RunSummary; students: RunSummary[] } {
  const students = runs.filter((run) => run.kind === 'student');
  const teacherIds = runs.map((run) => {
    if (run.kind === 'teacher') return run.id;
    if (run.kind === 'student') return run.parents[0]!;
    throw new SigdegError('BAD_USAGE', `${run.id} is a run of kind ${run.kind}: name teachers and students`);
  });
  const [first, ...others] = teacherIds as [string, ...string[]];
  const odd = others.findIndex((id) => id !== first);
  if (odd >= 0) {
    throw new SigdegError('NOT_COMPARABLE', `${runs[0]!.id} and ${runs[odd + 1]!.id} have different teachers (${first}, ${others[odd]!}), whose samples are not the same measure: evaluate them one at a time`);
  }
  return { teacher: readRun(runFolder(runsDir, first)), students };
}
