/** What a student that names another one starts from. */
import { SigdegError } from '../core/errors';
import { describeDataset } from '../data/describe';
import { hashJson } from '../store/hash';
import type { RunSummary } from '../store/run';
import { DEFAULT_GUIDANCE } from './config';
import { named, type NamedRun } from './resolve-experiment';
import type { Common, StudentConfig } from './setup';

/**
 * The run that `students[i].from` of an experiment names, whose weights must mean to the new student what they meant to it. How fine the teacher's steps are and where they
 * end is told by no weight, nor are the step counts.
 * @param own the student's planned config. @param runs newest first
 * @throws SigdegError NOT_FOUND with the nearest name, BAD_CONFIG with the first key in which they differ
 */
export function originOf(own: StudentConfig, i: number, experiment: string, runs: readonly RunSummary[]): NamedRun {
  const { student, teacher, schedule } = own;
  const entry = `students[${i}]`;
  const { id, name, config, configHash, seed } = named('student', `${entry}.from`, student.from!, runs);
  const its = config as unknown as StudentConfig;
  const expect = (where: string, ours: unknown, theirs: unknown): void => {
    if (!isSame(ours, theirs)) throw new SigdegError('BAD_CONFIG', `${experiment}: ${where}: expected ${brief(theirs)}, which the student that it starts from has (${id}), found ${brief(ours)}`);
  };
  for (const key of ['depth', 'start', 'recurrence', 'net'] as const) expect(`${entry}.${key}`, student[key], its.student[key]);
  if (student.net === undefined && !isSame(teacher.net, its.teacher.net)) throw new SigdegError('BAD_CONFIG', `${experiment}: ${entry}.from: expected a student whose teacher has the same net as this one, found ${id}`);
  const [law, itsLaw] = [lawOf(schedule), lawOf(its.schedule)];
  for (const key of Object.keys({ name: '', ...law, ...itsLaw })) expect(`schedule.${key}`, law[key], itsLaw[key]);
  if (student.start === 'teacher') expect('teacher.prediction', teacher.prediction, its.teacher.prediction);
  expect('teacher.classes', knowsClasses(own), knowsClasses(its));
  if (knowsClasses(own)) {
    expect('dataset', classesFrom(own), classesFrom(its));
    expect('paths.guidance', own.paths.guidance ?? DEFAULT_GUIDANCE, its.paths.guidance ?? DEFAULT_GUIDANCE);
  }
  const [shape, itsShape] = [own, its].map(({ dataset, baseDir }) => describeDataset(dataset, baseDir)?.itemShape);
  // A network of pictures works on every size of them.
  if (shape && itsShape && (shape.length !== itsShape.length || shape.at(-1) !== itsShape.at(-1))) expect('items of dataset', shape, itsShape);
  return { id, name, config, configHash, seed };
}

const isSame = (a: unknown, b: unknown): boolean => hashJson(a ?? null) === hashJson(b ?? null);

/** The betas of an imported teacher may be a thousand. */
function brief(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** What of a schedule decides which state belongs to which time. */
function lawOf(schedule: Common['schedule']): Record<string, unknown> {
  const { tMin: _, fineSteps: __, ...law } = schedule as unknown as Record<string, unknown>;
  return law;
}

const knowsClasses = ({ teacher }: Common): boolean => 'classes' in teacher && teacher.classes === true;

/** What of a dataset says which classes it has. */
function classesFrom({ dataset }: Common): object {
  if (dataset.name !== 'npy' && dataset.name !== 'idx') return { name: dataset.name };
  const { name, path, labels } = dataset;
  return { name, path, labels };
}
