/** An experiment whose teacher is there already gets from it what it does not say itself. */
import { SigdegError } from '../core/errors';
import { defaultGrid, searchedGrids } from '../core/grid';
import { nearest } from '../core/nearest';
import { STARTING_PREDICTIONS } from '../diffusion/predictions';
import { hashJson } from '../store/hash';
import { listRuns, type RunSummary } from '../store/run';
import type { Experiment, PlannedStudent, Student } from './config';
import type { Evaluation } from './config-evaluation';
import { readyRun } from './ready-models';
import { fineStepsOf, isImported, isOnnxTeacher, type Common } from './setup';

export type ResolvedExperiment = Omit<Experiment, 'teacher' | 'dataset' | 'schedule' | 'students' | 'evaluation'> & Pick<Common, 'teacher' | 'dataset' | 'schedule'> & {
  readonly students: readonly Student[];
  readonly evaluation: Evaluation;
  /** The run of a teacher that is there. */
  readonly teacherRun?: { readonly id: string; readonly name: string; readonly config: Common; readonly configHash: string; readonly seed: number };
};

/**
 * @param runs looks the runs up, newest first; asked only where the experiment names one.
 * @throws SigdegError NOT_FOUND with the nearest name, BAD_CONFIG where the teacher does not fit the experiment
 */
export function resolveTeacher(experiment: Experiment, runs: () => readonly RunSummary[]): ResolvedExperiment {
  const { teacher, dataset, schedule, ...rest } = experiment;
  if (!('from' in teacher)) return { ...rest, ...withGrids(experiment, schedule.name), teacher, dataset: dataset!, schedule };
  const run = namedTeacher(teacher.from, runs());
  const config = run.config as unknown as Common;
  const fineSteps = fineStepsOf(config.schedule);
  const wrong = (where: string, text: string): SigdegError => new SigdegError('BAD_CONFIG', `${experiment.name}: ${where}: expected ${text} (teacher ${run.id})`);
  for (const [i, student] of rest.students.entries()) {
    const most = Math.max(...[student.steps].flat());
    if (most > fineSteps) throw wrong(`students[${i}].steps`, `at most ${fineSteps} steps, found ${most}`);
    if (isOnnxTeacher(config.teacher)) checkBesideOnnx(student, (key, text) => wrong(`students[${i}].${key}`, text));
    if (student.start === 'teacher' && !isImported(config.teacher) && !STARTING_PREDICTIONS.includes(config.teacher.prediction)) throw wrong(`students[${i}].start`, `'scratch' or 'correction' beside a teacher that predicts ${config.teacher.prediction}`);
  }
  const conditional = 'classes' in config.teacher && config.teacher.classes === true;
  if (!conditional && rest.paths.guidance !== undefined) throw wrong('paths.guidance', 'none beside a teacher that knows no classes');
  if (conditional && dataset !== undefined && hashJson(dataset) !== hashJson(config.dataset)) throw wrong('dataset', "none, or the teacher's own, since its classes are those of its data");
  const most = Math.max(...rest.evaluation.steps);
  if (most > fineSteps) throw wrong('evaluation.steps', `at most ${fineSteps} steps, found ${most}`);
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
  if (start === 'correction' && tuning !== undefined) throw wrong('tuning', "none beside \"start\": \"correction\", since a teacher that is an ONNX file has no gradient");
}

/** As `resolveTeacher` among the runs of a folder; a teacher that ships and was not added yet is. @throws SigdegError NOT_FOUND, BAD_CONFIG */
export async function resolveTeacherIn(runsDir: string, experiment: Experiment): Promise<ResolvedExperiment> {
  const resolve = (): ResolvedExperiment => resolveTeacher(experiment, () => listRuns(runsDir));
  try {
    return resolve();
  } catch (error) {
    const { teacher } = experiment;
    const missing = 'from' in teacher && error instanceof SigdegError && error.code === 'NOT_FOUND';
    if (!missing || (await readyRun(runsDir, teacher.from)) === undefined) throw error;
    return resolve();
  }
}

/** The newest teacher of a name, or of an id or its beginning. */
function namedTeacher(from: string, runs: readonly RunSummary[]): RunSummary {
  const teachers = runs.filter(({ kind }) => kind === 'teacher');
  const found = teachers.find(({ id }) => id === from) ?? teachers.find(({ name }) => name === from) ?? teachers.find(({ id }) => id.startsWith(from));
  if (found) return found;
  const close = nearest(from, teachers.flatMap(({ id, name }) => [id, name]));
  throw new SigdegError('NOT_FOUND', `teacher.from: no teacher «${from}»${close === undefined ? '' : `, did you mean «${close}»?`}: «sigdeg runs» lists them, «sigdeg import» makes one`);
}
