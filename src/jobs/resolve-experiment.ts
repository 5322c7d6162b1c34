/** An experiment that names runs which are there: a teacher, from which it gets what it does not say itself, and students to start from. */
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

/** A run that an experiment names. */
export type NamedRun = Pick<RunSummary, 'id' | 'name' | 'configHash' | 'seed'> & { readonly config: unknown };

export type ResolvedExperiment = Omit<Experiment, 'teacher' | 'dataset' | 'schedule' | 'students' | 'evaluation'> & Pick<Common, 'teacher' | 'dataset' | 'schedule'> & {
  readonly students: readonly Student[];
  readonly evaluation: Evaluation;
  /** The run of a teacher that is there. */
  readonly teacherRun?: NamedRun & { readonly config: Common };
  /** For each student the run that it starts from, if it names one. */
  readonly origins: readonly (NamedRun | undefined)[];
};

/**
 * @param runs looks the runs up, newest first; asked only where the experiment names one.
 * @throws SigdegError NOT_FOUND with the nearest name, BAD_CONFIG where a run does not fit the experiment
 */
export function resolveExperiment(experiment: Experiment, runs: () => readonly RunSummary[]): ResolvedExperiment {
  let known: readonly RunSummary[] | undefined;
  const all = (): readonly RunSummary[] => (known ??= runs());
  const resolved = withTeacher(experiment, all);
  return { ...resolved, origins: resolved.students.map((student, i) => (student.from === undefined ? undefined : originOf(student, i, resolved, all()))) };
}

function withTeacher(experiment: Experiment, runs: () => readonly RunSummary[]): Omit<ResolvedExperiment, 'origins'> {
  const { teacher, dataset, schedule, ...rest } = experiment;
  if (!('from' in teacher)) return { ...rest, ...withGrids(experiment, schedule.name), teacher, dataset: dataset!, schedule };
  const run = named('teacher', 'teacher.from', teacher.from, runs());
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

/**
 * What a student starts from. A run of the same entry is never meant, although it has the same name where an entry was only told to go on: else each call would
 * start from what the last one made.
 */
function originOf(student: Student, i: number, { name, teacher }: Pick<ResolvedExperiment, 'name' | 'teacher'>, runs: readonly RunSummary[]): NamedRun {
  const { id, name: title, config, configHash, seed } = named('student', `students[${i}].from`, student.from!, runs.filter((run) => !isSame((run.config as { student?: unknown }).student, student)));
  const origin = config as { student?: Partial<Student>; teacher?: Partial<Common['teacher']> };
  const expect = (key: string, own: unknown, its: unknown): void => {
    if (!isSame(own, its)) throw new SigdegError('BAD_CONFIG', `${name}: students[${i}].${key}: expected ${JSON.stringify(its ?? null)}, which the student that it starts from has (${id}), found ${JSON.stringify(own ?? null)}`);
  };
  for (const key of ['depth', 'start', 'recurrence', 'net'] as const) expect(key, student[key], origin.student?.[key]);
  if (student.net === undefined && !isSame(teacher.net, origin.teacher?.net)) throw new SigdegError('BAD_CONFIG', `${name}: students[${i}].from: expected a student whose teacher has the same net as this one, found ${id}`);
  return { id, name: title, config, configHash, seed };
}

const isSame = (a: unknown, b: unknown): boolean => hashJson(a ?? null) === hashJson(b ?? null);

/** As `resolveExperiment` among the runs of a folder; models that it names, that ship and were not added yet are. @throws SigdegError NOT_FOUND, BAD_CONFIG */
export async function resolveExperimentIn(runsDir: string, experiment: Experiment): Promise<ResolvedExperiment> {
  const resolve = (): ResolvedExperiment => resolveExperiment(experiment, () => listRuns(runsDir));
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof SigdegError) || error.code !== 'NOT_FOUND') throw error;
    let found = false;
    for (const one of [experiment.teacher, ...experiment.students]) {
      if ('from' in one && one.from !== undefined && (await readyRun(runsDir, one.from)) !== undefined) found = true;
    }
    if (!found) throw error;
    return resolve();
  }
}

/** The newest run of a kind by its name, or by its id or that one's beginning. @param where the key that names it */
function named(kind: 'teacher' | 'student', where: string, from: string, runs: readonly RunSummary[]): RunSummary {
  const all = runs.filter((run) => run.kind === kind);
  const found = all.find(({ id }) => id === from) ?? all.find(({ name }) => name === from) ?? all.find(({ id }) => id.startsWith(from));
  if (found) return found;
  const close = nearest(from, all.flatMap(({ id, name }) => [id, name]));
  const way = kind === 'teacher' ? '«sigdeg import» makes one' : '«sigdeg distill» makes one';
  throw new SigdegError('NOT_FOUND', `${where}: no ${kind} «${from}»${close === undefined ? '' : `, did you mean «${close}»?`}: «sigdeg runs» lists them, ${way}`);
}
