/** Which sets of pictures there are, and the pictures of one: columns of contestants on the same noise, at one training step for all that train. */
import { SigdegError } from '../../core/errors';
import { contestantTitle } from '../../report/comparison';
import { hasPictures, pictureSteps, REFERENCE_FOLDER, SAMPLES_FOLDER, stepFolder, type Pictures } from '../../store/pictures';
import type { RunIndex } from '../../store/run-index';
import type { RunSummary } from '../../store/run';
import type { Grid, GridAsk, PictureSet } from '../../../webview/protocol';
import { drawGrid, type ShownColumn } from './grid';
import type { PictureFiles } from './picture-files';
import { chosenStudents, relatedRuns } from './related';

type Runs = Pick<RunIndex, 'all' | 'get'>;

/** Columns side by side. */
const MOST_COLUMNS = 40;

/** Ids say what a set is made of, so that a page may keep one: `training:<teacher>` (of the chosen students of it), `evaluation:<run>`, `samples:<run>`. */
export function pictureSets(runs: Runs, chosen: readonly string[]): PictureSet[] {
  const byTeacher = drawnStudents(runs, chosen);
  const training = [...byTeacher].map(([teacher, students]): PictureSet => ({
    id: `training:${teacher}`,
    label: students.length === 1 ? `Training of ${students[0]!.name}` : `Training of ${students.length} students of ${runs.get(teacher)?.name ?? 'a deleted teacher'}`,
    runs: [teacher, ...students.map(({ id }) => id)],
    trainingSteps: stepsOf(students),
  }));
  const related = relatedRuns(runs, chosen);
  const kept = related.filter((run) => (run.kind === 'evaluation' || run.kind === 'samples') && hasPictures(run.dir, SAMPLES_FOLDER));
  const others = kept.map((run): PictureSet => ({
    id: `${run.kind}:${run.id}`,
    label: run.kind === 'evaluation' ? `Evaluation of ${run.name}` : `Samples ${run.name}`,
    runs: [run.id, ...run.parents],
    trainingSteps: run.kind === 'evaluation' ? stepsOf(parentsOf(runs, run)) : [],
  }));
  const teachers = related.filter((run) => run.kind === 'teacher' && !byTeacher.has(run.id) && hasPictures(run.dir, REFERENCE_FOLDER));
  return [...others.filter(({ id }) => id.startsWith('evaluation:')), ...training, ...others.filter(({ id }) => !id.startsWith('evaluation:')),
    ...teachers.map((run): PictureSet => ({ id: `training:${run.id}`, label: `Teacher ${run.name}`, runs: [run.id], trainingSteps: [] }))];
}

/** The chosen students that have drawn pictures, by their teacher. */
function drawnStudents(runs: Runs, chosen: readonly string[]): Map<string, RunSummary[]> {
  const byTeacher = new Map<string, RunSummary[]>();
  for (const student of chosenStudents(runs, chosen)) {
    const teacher = student.parents[0];
    if (teacher !== undefined && pictureSteps(student.dir).length > 0) byTeacher.set(teacher, [...(byTeacher.get(teacher) ?? []), student]);
  }
  return byTeacher;
}

const parentsOf = (runs: Runs, run: RunSummary): RunSummary[] => run.parents.flatMap((id) => runs.get(id) ?? []);
const stepsOf = (runs: readonly RunSummary[]): number[] => [...new Set(runs.flatMap((run) => pictureSteps(run.dir)))].sort((a, b) => a - b);

/** @throws SigdegError NOT_FOUND, BAD_FILE, NO_ACCESS */
export async function pictureGrid(runs: Runs, files: PictureFiles, { set, runs: chosen, trainingStep }: Omit<GridAsk, 'kind'>): Promise<Grid> {
  const [kind, id = ''] = set.split(':');
  const found = kind === 'training' ? await trainingColumns(runs, files, id, drawnStudents(runs, chosen).get(id) ?? [], trainingStep) : await keptColumns(runs, files, id, trainingStep);
  // Of a training the students', whose guidance their teacher's own pictures may not have.
  const head = found.at(-1);
  if (head === undefined) throw new SigdegError('NOT_FOUND', 'these pictures are not there (any more): their run was deleted, or has not drawn any yet');
  const { seed, itemShape, classes } = head.pictures;
  const alike = found.filter(({ pictures }) => areAlike(pictures, head.pictures));
  return drawGrid({ set, trainingStep, seed, itemShape, classes, columns: alike.slice(0, MOST_COLUMNS) });
}

/** What differs in noise, shape, classes or guidance may not stand in the same rows. */
const areAlike = (a: Pictures, b: Pictures): boolean => a.seed === b.seed && a.guidance === b.guidance && a.itemShape.join() === b.itemShape.join() && a.classes?.join('\n') === b.classes?.join('\n');

const columnsOf = (pictures: Pictures, trains: boolean): ShownColumn[] => pictures.columns.map((column) => ({
  label: `${contestantTitle(column)} @ ${column.steps}`, sampler: column.sampler, steps: column.steps, depth: column.depth, teacher: column.teacher, trains, run: column.run,
  samples: column.samples, pictures,
}));

/** A student at a training step: the newest pictures that are not later, else its first. */
async function previewOf(files: PictureFiles, student: RunSummary, trainingStep: number | null): Promise<Pictures | undefined> {
  const steps = pictureSteps(student.dir);
  const at = trainingStep === null ? steps.at(-1) : (steps.filter((step) => step <= trainingStep).at(-1) ?? steps[0]);
  return at === undefined ? undefined : files.read(student.dir, stepFolder(at));
}

async function trainingColumns(runs: Runs, files: PictureFiles, teacherId: string, students: readonly RunSummary[], trainingStep: number | null): Promise<ShownColumn[]> {
  const teacher = runs.get(teacherId);
  const reference = teacher && hasPictures(teacher.dir, REFERENCE_FOLDER) ? columnsOf(await files.read(teacher.dir, REFERENCE_FOLDER), false) : [];
  const previews = await Promise.all(students.map(async (student) => {
    const pictures = await previewOf(files, student, trainingStep);
    return pictures ? columnsOf(pictures, true) : [];
  }));
  return [...reference, ...previews.flat()];
}

async function keptColumns(runs: Runs, files: PictureFiles, id: string, trainingStep: number | null): Promise<ShownColumn[]> {
  const run = runs.get(id);
  if (run === undefined) return [];
  const kept = await files.read(run.dir, SAMPLES_FOLDER);
  return Promise.all(columnsOf(kept, false).map(async (column) => {
    const student = column.depth === null ? undefined : runs.get(column.run);
    if (student === undefined || run.kind !== 'evaluation' || pictureSteps(student.dir).length === 0) return column;
    if (trainingStep === null) return { ...column, trains: true };
    const preview = await previewOf(files, student, trainingStep);
    const same = preview && areAlike(preview, kept) ? preview.columns.find(({ steps }) => steps === column.steps) : undefined;
    return preview && same ? { ...column, trains: true, samples: same.samples, pictures: preview } : column;
  }));
}
