/** An experiment that names a teacher which is there gets from it what it does not say itself. */
import { SigdegError } from '../core/errors';
import { defaultGrid, searchedGrids } from '../core/grid';
import { nearest } from '../core/nearest';
import { STARTING_PREDICTIONS } from '../diffusion/predictions';
import { hashJson } from '../store/hash';
import { listRuns, type RunSummary } from '../store/run';
import { canTeachLocally, NO_GUIDED_PAIRS, type Experiment, type PlannedStudent, type Student } from './config';
import type { Evaluation } from './config-evaluation';
import { readyRun } from './ready-models';
import { fineStepsOf, fitsTeacher, isImported, isOnnxTeacher, type Common } from './setup';

/** A run that an experiment names. */
export type NamedRun = Pick<RunSummary, 'id' | 'name' | 'configHash' | 'seed'> & { readonly config: unknown };

export type ResolvedExperiment = Omit<Experiment, 'teacher' | 'dataset' | 'schedule' | 'students' | 'evaluation'> & Pick<Common, 'teacher' | 'dataset' | 'schedule'> & {
  readonly students: readonly Student[];
  readonly evaluation: Evaluation;
  /** The run of a teacher that is there. */
  readonly teacherRun?: NamedRun & { readonly config: Common };
  /** Those that it was resolved among, newest first. */
  readonly runs: () => readonly RunSummary[];
};

/**
 * @param runs looks the runs up, newest first; asked only where the experiment names one.
 * @throws SigdegError NOT_FOUND with the nearest name, BAD_CONFIG where a run does not fit the experiment
 */
export function resolveExperiment(experiment: Experiment, runs: () => readonly RunSummary[]): ResolvedExperiment {
  return { ...withTeacher(experiment, runs), runs };
}

function withTeacher(experiment: Experiment, runs: () => readonly RunSummary[]): Omit<ResolvedExperiment, 'runs'> {
  const { teacher, dataset, schedule, ...rest } = experiment;
  if (!('from' in teacher)) return { ...rest, ...withGrids(experiment, schedule.name), teacher, dataset: dataset!, schedule };
  const run = named('teacher', 'teacher.from', teacher.from, runs());
  const config = run.config as unknown as Common;
  const fineSteps = fineStepsOf(config.schedule);
  const wrong = (where: string, text: string): SigdegError => new SigdegError('BAD_CONFIG', `${experiment.name}: ${where}: expected ${text} (teacher ${run.id})`);
  for (const [i, student] of rest.students.entries()) {
    const most = Math.max(...[student.steps].flat());
    if (most > fineSteps) throw wrong(`students[${i}].steps`, `at most ${fineSteps} steps, found ${most}`);
    if (student.net !== undefined && !fitsTeacher(student.net.kind, student.start, config.teacher)) throw wrong(`students[${i}].net.kind`, `'${config.teacher.net.kind}', the teacher's kind, found '${student.net.kind}'`);
    if (isOnnxTeacher(config.teacher)) checkBesideOnnx(student, (key, text) => wrong(`students[${i}].${key}`, text));
    if (student.start === 'teacher' && !isImported(config.teacher) && !STARTING_PREDICTIONS.includes(config.teacher.prediction)) throw wrong(`students[${i}].start`, `'scratch' or 'correction' beside a teacher that predicts ${config.teacher.prediction}`);
  }
  const conditional = 'classes' in config.teacher && config.teacher.classes === true;
  if (!conditional && rest.paths.guidance !== undefined) throw wrong('paths.guidance', 'none beside a teacher that knows no classes');
  if (conditional && dataset !== undefined && hashJson(dataset) !== hashJson(config.dataset)) throw wrong('dataset', "none, or the teacher's own, since its classes are those of its data");
  if (!conditional && rest.evaluation.guidance !== undefined) throw wrong('evaluation.guidance', 'none beside a teacher that knows no classes');
  if (conditional && !canTeachLocally(rest.paths)) throw wrong('paths.kind', NO_GUIDED_PAIRS);
  const most = Math.max(...rest.evaluation.steps);
  if (most > fineSteps) throw wrong('evaluation.steps', `at most ${fineSteps} steps, found ${most}`);
  const { referenceSteps = 0 } = rest.evaluation;
  if (referenceSteps > fineSteps) throw wrong('evaluation.referenceSteps', `at most ${fineSteps} steps, found ${referenceSteps}`);
  const { steps: pathSteps = 0 } = rest.paths;
  if (pathSteps > fineSteps) throw wrong('paths.steps', `at most ${fineSteps} steps, found ${pathSteps}`);
  if (rest.paths.kind === 'local' && dataset === undefined && config.dataset.name === 'none') throw wrong('dataset', "an object, since paths.kind is 'local' and the teacher came without data; or \"paths\": {\"kind\": \"full\"}");
  return { ...rest, ...withGrids(experiment, config.schedule.name), teacher: config.teacher, dataset: dataset ?? config.dataset, schedule: config.schedule, teacherRun: { id: run.id, name: run.name, config, configHash: run.configHash, seed: run.seed } };
}

/** The grids that nothing is said of are those of the schedule. */
function withGrids(experiment: Experiment, schedule: Common['schedule']['name']): Pick<ResolvedExperiment, 'students' | 'evaluation'> {
  const students = experiment.students.map((student) => ({ ...student, grid: student.grid ?? defaultGrid(schedule) }));
  const { evaluation } = experiment;
  return { students, evaluation: { ...evaluation, grids: evaluation.grids ?? searchedGrids(schedule, students.map(({ grid }) => grid)) } };
}

/** An ONNX file can be asked, but has no weights to start from and no gradient to train through. */
function checkBesideOnnx({ start, net, tuning }: PlannedStudent, wrong: (key: string, text: string) => SigdegError): void {
  if (start === 'teacher') throw wrong('start', "'scratch' or 'correction' beside a teacher that is an ONNX file, whose weights are not ours to start from");
  if (net === undefined) throw wrong('net', 'a net of its own, such as {"kind": "unet"} for images or {"kind": "mlp"} for vectors, beside a teacher that is an ONNX file, found none');
  if (tuning?.distribution !== undefined) throw wrong('tuning.distribution', 'none beside a teacher that is an ONNX file, whose middle is out of reach');
  if (start === 'correction' && tuning !== undefined) throw wrong('tuning', "none beside \"start\": \"correction\", since a teacher that is an ONNX file has no gradient");
}

/** As `resolveExperiment` among the runs of a folder; models that it names, that ship and were not added yet are. @throws SigdegError NOT_FOUND, BAD_CONFIG */
export async function resolveExperimentIn(runsDir: string, experiment: Experiment): Promise<ResolvedExperiment> {
  const { teacher, students } = experiment;
  let known: readonly RunSummary[] | undefined;
  const runs = (): readonly RunSummary[] => (known ??= listRuns(runsDir));
  for (const [kind, from] of [['teacher', 'from' in teacher ? teacher.from : undefined], ...students.map(({ from }) => ['student', from] as const)] as const) {
    if (from !== undefined && runNamed(kind, from, runs()) === undefined && (await readyRun(runsDir, from)) !== undefined) known = undefined;
  }
  return resolveExperiment(experiment, runs);
}

/** The run of a kind by its id, else by its name or its id's beginning: the newest that is finished, since one that diverged or was stopped hides none, else the newest. */
function runNamed(kind: 'teacher' | 'student', from: string, runs: readonly RunSummary[]): RunSummary | undefined {
  const all = runs.filter((run) => run.kind === kind);
  const finishedFirst = [...all.filter(({ state }) => state === 'done'), ...all.filter(({ state }) => state !== 'done')];
  return all.find(({ id }) => id === from) ?? finishedFirst.find(({ name }) => name === from) ?? finishedFirst.find(({ id }) => id.startsWith(from));
}

/** As `runNamed`. @param where the key that names it. @throws SigdegError NOT_FOUND with the nearest name */
export function named(kind: 'teacher' | 'student', where: string, from: string, runs: readonly RunSummary[]): RunSummary {
  const found = runNamed(kind, from, runs);
  if (found) return found;
  const close = nearest(from, runs.filter((run) => run.kind === kind).flatMap(({ id, name }) => [id, name]));
  const way = kind === 'teacher' ? '«sigdeg import» makes one' : '«sigdeg distill» makes one';
  throw new SigdegError('NOT_FOUND', `${where}: no ${kind} «${from}»${close === undefined ? '' : `, did you mean «${close}»?`}: «sigdeg runs» lists them, ${way}`);
}
