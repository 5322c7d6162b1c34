import * as path from 'node:path';
import type { Denoiser } from '../diffusion/denoiser';
import { createTeacher } from '../diffusion/teacher';
import type { Objective, TrainingConfig } from '../nets/trainer';
import { distributionTerm } from '../sigdeg/distribution';
import type { PathSet } from '../sigdeg/path-set';
import { stepwiseObjective } from '../sigdeg/stepwise';
import { teacherX0 } from '../sigdeg/student';
import { heldOutTuningObjective, teacherForcedObjective, tuningObjective } from '../sigdeg/unrolled';
import { classesOf } from './condition';
import type { JobContext, JobResult } from './context';
import { createStudent, flatWeights, loadModel } from './model';
import { openPaths } from './open-paths';
import { findPaths, remakePaths, type PathsPart, type UnopenedPaths } from './paths';
import { hashJson, type JsonValue } from '../store/hash';
import { runFolder } from '../store/run';
import { isOnnxTeacher, setupOf, type StudentConfig } from './setup';
import { StudentPreview } from './student-preview';
import { trainedCheckpoint } from './trained-checkpoint';
import { trainPhases, type Phase } from './training';

/** Distils one student from its teacher's paths. */
export async function studentJob(context: JobContext): Promise<JobResult> {
  const config = context.manifest.config as unknown as StudentConfig;
  const { student: wanted, seed } = config;
  const runsDir = path.dirname(context.dir);
  const [teacherId, , originId] = context.manifest.parents as [string, string, string?];
  const { dataset: { itemShape }, schedule } = setupOf(config);
  if ((await remakePaths(context, config)) === 'stopped') return 'stopped';
  const student = createStudent(config, itemShape, schedule);
  const find = (part: PathsPart): UnopenedPaths[] => [wanted.steps].flat().map((steps) => findPaths(runsDir, teacherId, config, { steps, grid: wanted.grid }, part));
  const opened = await openPaths(context, [...find('training'), ...find('heldOut')]);
  if (opened === undefined) return 'stopped';
  const [sets, heldOut] = [opened.slice(0, opened.length / 2), opened.slice(opened.length / 2)];
  const denoiser = (): Denoiser => loadModel(runsDir, teacherId, 'ema').teacher;
  const teacher = wanted.start === 'correction' ? teacherX0(denoiser()) : undefined;
  context.events.append({ type: 'log', level: 'info', message: `student with ${student.layout.size} parameters, depth ${wanted.depth}, steps ${[wanted.steps].flat().join(', ')}` });

  // One that goes on draws other batches, not once more those that its weights have just learned from. By what the file says of it: the same in every folder.
  const batchSeed = originId === undefined ? seed : Number.parseInt(hashJson([wanted as unknown as JsonValue, seed]).slice(0, 8), 16);
  const { training, tuning } = wanted;
  const taughtOn = (of: readonly PathSet[]): Objective => {
    const lesson = { student, sets: of, batch: training.batch, seed: batchSeed, teacher };
    return wanted.recurrence === 'shared' ? stepwiseObjective(lesson, wanted.weighting) : teacherForcedObjective(lesson);
  };
  const phases: Phase[] = [{ name: 'train', objective: taughtOn(sets), heldOut: taughtOn(heldOut), config: training }];
  if (tuning) {
    const tuned: TrainingConfig = { ...training, ...tuning, ema: tuning.ema ?? training.ema };
    const term = tuning.distribution === undefined ? undefined : distributionTerm(denoiser(), schedule, itemShape, tuning.distribution, batchSeed + 1);
    const lesson = { student, sets, batch: tuning.batch, seed: batchSeed + 1, teacher };
    phases.push({ name: 'tune', objective: tuningObjective(lesson, term), heldOut: heldOutTuningObjective({ ...lesson, sets: heldOut }, term), config: tuned });
  }
  const start = (): Float32Array => {
    if (originId !== undefined) return flatWeights(trainedCheckpoint(runFolder(runsDir, originId)), student.layout, 'ema', originId);
    if (wanted.start !== 'teacher' || isOnnxTeacher(config.teacher)) return student.layout.initial(seed);
    const { layout } = createTeacher(config.teacher.net, itemShape, schedule, classesOf(config)?.length);
    return student.layout.grownFrom(layout, flatWeights(trainedCheckpoint(runFolder(runsDir, teacherId)), layout, 'ema', teacherId), seed);
  };
  const preview = wanted.previews === false ? undefined : new StudentPreview(context, student, teacher);
  return trainPhases(context, student.layout, phases, start, (step, ema) => preview?.draw(step, ema));
}
