import { SigdegError } from '../core/errors';
import { GRID_KINDS } from '../core/grid';
import { describeDataset } from '../data/describe';
import { hashJson, type JsonValue } from '../store/hash';
import type { RunKind, RunSummary } from '../store/run';
import type { Student } from './config';
import type { PlannedRun } from './context';
import { checkMeasures } from './measures';
import type { NamedRun, ResolvedExperiment } from './resolve-experiment';
import { termsAt } from '../sigdeg/depth';
import type { Common, StudentConfig } from './setup';
import { originOf } from './student-origin';
import type { CoarseView } from '../diffusion/fine-paths';

/**
 * The runs of an experiment in execution order: teacher, students that others start from, the teacher's paths, the students, one evaluation of them all. A student that
 * starts from another one and was made is that run itself: what the name stands for now, or whether its origin is still there, is nothing to it.
 * @throws SigdegError NOT_FOUND, BAD_CONFIG for a student that is not there or does not fit, and for data that do not fit the teacher or the evaluation
 */
export function planExperiment(experiment: ResolvedExperiment, baseDir: string): PlannedRun[] {
  const { seed, dataset, schedule, teacher, paths, students, evaluation, name, teacherRun } = experiment;
  // Data that came with a teacher lie where that one's path starts.
  const common: Common = { seed, baseDir: teacherRun?.config.dataset === dataset ? teacherRun.config.baseDir : baseDir, dataset, schedule, teacher };
  const planned = (key: string, kind: RunKind, title: string, config: object, parents: string[]): PlannedRun => {
    // Where the experiment file lies says nothing about the result unless the data's path starts there.
    const hashed = !('path' in dataset) || dataset.path === undefined ? { ...config, baseDir: '' } : config;
    return { key, kind, name: title, config: config as JsonValue, configHash: hashJson(hashed), seed, parents };
  };
  const there = (key: string, kind: RunKind, { id, name, config, configHash, seed }: NamedRun): PlannedRun => ({ key, kind, name, config: config as JsonValue, configHash, seed, parents: [], existing: id });
  const data = (): ReturnType<typeof describeDataset> => describeDataset(dataset, common.baseDir);
  if (teacherRun && dataset !== teacherRun.config.dataset) {
    const [own, its] = [data(), describeDataset(teacherRun.config.dataset, teacherRun.config.baseDir)];
    if (own && its && String(own.itemShape) !== String(its.itemShape)) throw new SigdegError('BAD_CONFIG', `${name}: dataset: expected items [${its.itemShape.join(', ')}], which its teacher draws (${teacherRun.id}), found [${own.itemShape.join(', ')}]`);
  }
  checkMeasures(evaluation, data);
  const views = coarseViews(students);
  const ofTeacher = teacherRun ? there('teacher', 'teacher', teacherRun) : planned('teacher', 'teacher', name, common, []);
  const ofPaths = planned('paths', 'paths', name, { ...common, paths, views }, ['teacher']);
  const ofStudents = students.map((student, i) => planned(`student-${i}`, 'student', `${name}-${student.name}`, { ...common, paths, views, student }, ['teacher', 'paths']));

  const runs = students.some(({ from }) => from !== undefined) ? experiment.runs() : [];
  const teacherId = teacherRun?.id ?? madeOf(ofTeacher, [], runs)?.id;
  const pathsId = madeOf(ofPaths, [teacherId], runs)?.id;
  const origins: PlannedRun[] = [];
  const behindOrigins = ofStudents.map((own, i): PlannedRun => {
    const { from } = students[i]!;
    if (from === undefined) return own;
    const made = madeOf(own, [teacherId, pathsId], runs);
    if (made) return { ...own, existing: made.id };
    // What this entry, or another one that names the same student, has made is never meant, although it may have that name: else each call would start from what the last one made.
    const alike = new Set(ofStudents.filter((_, k) => students[k]!.from === from).map(({ configHash }) => configHash));
    const origin = there(`origin-${i}`, 'student', originOf(own.config as unknown as StudentConfig, i, name, runs.filter(({ configHash }) => !alike.has(configHash))));
    origins.push(origin);
    return { ...own, parents: [...own.parents, origin.key] };
  });
  return [
    ofTeacher,
    ...origins,
    ofPaths,
    ...behindOrigins,
    planned('evaluation', 'evaluation', name, { ...common, evaluation }, ['teacher', ...students.map((_, i) => `student-${i}`)]),
  ];
}

/** The run that was made of a planned one, whatever parents it has beside these: best a finished one, then one that runs, then the newest. */
function madeOf({ kind, configHash }: PlannedRun, parents: readonly (string | undefined)[], runs: readonly RunSummary[]): RunSummary | undefined {
  const same = runs.filter((run) => run.kind === kind && run.configHash === configHash && parents.every((id, i) => id !== undefined && run.parents[i] === id));
  return same.find(({ state }) => state === 'done') ?? same.find(({ state }) => state === 'running' || state === 'paused') ?? same[0];
}

/** One view for every step count and grid that a student needs, as deep as the deepest of them. */
function coarseViews(students: readonly Student[]): CoarseView[] {
  const views = new Map<string, CoarseView>();
  for (const { steps, depth, grid } of students) {
    const counts = [steps].flat();
    for (const count of counts) {
      const key = `${GRID_KINDS.indexOf(grid)}-${String(count).padStart(6, '0')}`;
      views.set(key, { steps: count, grid, depth: Math.max(termsAt(depth, counts, count), views.get(key)?.depth ?? 0) });
    }
  }
  return [...views].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, view]) => view);
}

