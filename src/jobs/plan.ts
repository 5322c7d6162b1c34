import { GRID_KINDS } from '../core/grid';
import { hashJson, type JsonValue } from '../store/hash';
import type { RunKind } from '../store/run';
import type { Student } from './config';
import type { PlannedRun } from './context';
import type { NamedRun, ResolvedExperiment } from './resolve-experiment';
import { termsAt } from '../sigdeg/depth';
import type { Common } from './setup';
import type { CoarseView } from '../diffusion/fine-paths';

/** The runs of an experiment in execution order: teacher, students that others start from, the teacher's paths, the students, one evaluation of them all. */
export function planExperiment(experiment: ResolvedExperiment, baseDir: string): PlannedRun[] {
  const { seed, dataset, schedule, teacher, paths, students, evaluation, name, teacherRun, origins } = experiment;
  // Data that came with a teacher lie where that one's path starts.
  const common: Common = { seed, baseDir: teacherRun?.config.dataset === dataset ? teacherRun.config.baseDir : baseDir, dataset, schedule, teacher };
  const planned = (key: string, kind: RunKind, title: string, config: object, parents: string[]): PlannedRun => {
    // Where the experiment file lies says nothing about the result unless the data's path starts there.
    const hashed = !('path' in dataset) || dataset.path === undefined ? { ...config, baseDir: '' } : config;
    return { key, kind, name: title, config: config as JsonValue, configHash: hashJson(hashed), seed, parents };
  };
  const there = (key: string, kind: RunKind, { id, name, config, configHash, seed }: NamedRun): PlannedRun => ({ key, kind, name, config: config as JsonValue, configHash, seed, parents: [], existing: id });
  const views = coarseViews(students);
  return [
    teacherRun ? there('teacher', 'teacher', teacherRun) : planned('teacher', 'teacher', name, common, []),
    ...origins.flatMap((origin, i) => (origin ? [there(`origin-${i}`, 'student', origin)] : [])),
    planned('paths', 'paths', name, { ...common, paths, views }, ['teacher']),
    ...students.map((student, i) => planned(`student-${i}`, 'student', `${name}-${student.name}`, { ...common, paths, views, student }, ['teacher', 'paths', ...(origins[i] ? [`origin-${i}`] : [])])),
    planned('evaluation', 'evaluation', name, { ...common, evaluation }, ['teacher', ...students.map((_, i) => `student-${i}`)]),
  ];
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

