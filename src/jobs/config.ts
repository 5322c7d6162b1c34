/**
 * The experiment file, written once: this schema gives the types, the defaults, the checks and (by `npm run schema`) the JSON Schema that the editor
 * completes with. What every key means stands in `describe`.
 */
import { z } from 'zod';
import { DATASET_NAMES } from '../data/registry';
import { BETA_SCHEDULES } from '../core/discrete-schedule';
import { WHOLE_GRIDS } from '../core/grid';
import { MOST_TERMS } from '../core/random/streams';
import { choiceOf, PREDICTIONS, predictionsOn, STARTING_PREDICTIONS, unfitting } from '../diffusion/predictions';
import { CONTINUOUS_SCHEDULES, explodes, EXPLODING_DEFAULTS } from '../core/schedule';
import { configError, problemsOf, ruleProblem, type ConfigProblem } from './config-errors';
import { EvaluationSection } from './config-evaluation';
import { count, positive, seed } from './config-numbers';

const Dataset = z.strictObject({
  name: z.enum(DATASET_NAMES).describe('Which data: a generated 2-D set, mnist, fashion-mnist, or a file (idx, npy) at `path`.'),
  path: z.string().min(1).optional().describe('File or folder of the data, relative to this file.'),
  count: count().optional().describe('How many items to use: the first ones of a file, any number of a generated set.'),
  seed: seed.optional().describe('Seed of a generated set.'),
  labels: z.string().min(1).optional().describe('npy: a .npy file with the class of each item, whole numbers from 0, relative to this file.'),
  split: z.enum(['train', 'test']).optional().describe('Which part of a set that comes in two.'),
});

const Schedule = z.strictObject({
  name: z.enum(CONTINUOUS_SCHEDULES).default('vp-linear').describe('Noise schedule.'),
  betaMin: positive.default(0.1).describe('vp-linear and sub-vp: beta at t = 0.'),
  betaMax: positive.default(20).describe('vp-linear and sub-vp: beta at t = 1.'),
  sigmaMin: positive.optional().describe('ve and edm: lowest noise level (default 0.01, edm 0.002).'),
  sigmaMax: positive.optional().describe('ve and edm: highest noise level (default 50, edm 80).'),
  sigmaData: positive.optional().describe("ve and edm: the data's standard deviation, by which networks are told the state at unit variance (default 0.5)."),
  tMin: positive.lt(1).default(1e-3).describe('Where sampling ends; t = 0 would be noise-free data. edm ends at sigmaMin.'),
  fineSteps: count().default(1000).describe('Steps of the fine grid, which is also the grid of the Brownian path.'),
});

/** The schedule of an imported teacher, as its run and those of its students have it. */
export const DiscreteScheduleSchema = z.strictObject({
  name: z.literal('discrete'),
  betas: z.union([z.enum(BETA_SCHEDULES), z.array(z.number()).min(2).max(100_000)]),
  betaStart: positive,
  betaEnd: positive,
  trainSteps: count(2).max(100_000),
  zeroTerminalSnr: z.boolean(),
});

const Mlp = z.strictObject({
  kind: z.literal('mlp'),
  width: count().default(128).describe('Units of a hidden layer.'),
  blocks: count().default(3).describe('Residual blocks.'),
});

const Unet = z.strictObject({
  kind: z.literal('unet'),
  channels: z.array(count()).min(1).default([32, 64]).describe('Channels of each resolution, finest first; multiples of 8.'),
  blocks: count().default(1).describe('Residual blocks a resolution.'),
  attention: z.boolean().default(false).describe('Self-attention at the coarsest resolution.'),
  patch: z.union([z.literal(1), z.literal(2), z.literal(4)], { error: '1, 2 or 4' }).default(2).describe('Space-to-depth at the input.'),
});

const NetSchema = z.discriminatedUnion('kind', [Mlp, Unet], { error: ({ code }: { code: string }) => (code === 'invalid_union' ? "'mlp' or 'unet'" : undefined) });

const TrainingSchema = z.strictObject({
  steps: count().describe('Optimiser steps.'),
  batch: count().describe('Items a step.'),
  learningRate: positive.describe('Highest learning rate of Adam; cosine to zero.'),
  warmup: count(0).default(100).describe('Steps over which the learning rate rises from zero.'),
  clip: positive.default(1).describe('Largest norm of the gradient.'),
  ema: z.number().min(0).lt(1).default(0.999).describe('Decay of the moving average of the weights.'),
  checkpointEvery: count().default(500).describe('Steps between checkpoints.'),
  logEvery: count().default(25).describe('Steps between logged losses.'),
});

const TrainedTeacher = z.strictObject({
  net: NetSchema,
  prediction: z.enum(PREDICTIONS).default('v').describe('What the network predicts; flow: eps − x0, for the schedules flow and sub-vp; edm: the preconditioned output of EDM, for ve and edm.'),
  classes: z.boolean().optional().describe('Whether it learns to draw each class of the data (default false), by classifier-free guidance as strongly as one likes.'),
  training: TrainingSchema,
});

const TeacherFrom = z.strictObject({
  from: z.string().min(1).describe('A teacher that is there: the name or run id of an imported or trained one. It brings its schedule and its data.'),
});

const TeacherSchema = z.union([TrainedTeacher, TeacherFrom], { error: 'a teacher to train (net, training) or {"from": "the name or run id of one"}' });

const PathsSchema = z.strictObject({
  kind: z.enum(['full', 'local']).default('full').meta({
    description: 'What a student learns from.',
    enumDescriptions: ['Whole teacher paths from noise.', 'One coarse interval each, from noised data.'],
  }),
  count: count().default(20000).describe('Paths (full) or pairs (local).'),
  steps: count(2).optional().describe("full: teacher steps of a whole path, by a second-order solver (default: the teacher's own, all of the fine grid)."),
  guidance: z.tuple([z.number().min(0), z.number().min(0)]).optional().describe('With teacher.classes: lowest and highest guidance scale that students are taught (default [1, 4]).'),
  subSteps: count(2).default(16).describe('local: teacher steps within the interval.'),
});

const stepCounts = z.union([count(), z.array(count()).min(1)], { error: 'a step count or a list of them (integers ≥ 1)' });

const depth = count().max(MOST_TERMS);

const TuningSchema = z.strictObject({
  steps: count().describe('Optimiser steps.'),
  batch: count().describe('Steps of paths at a time; with distribution, whole paths (at least 2).'),
  learningRate: positive.describe('Highest learning rate of Adam; cosine to zero.'),
  ema: z.number().min(0).lt(1).optional().describe("Decay of the moving average of the weights (default training's): low enough for so many steps to count."),
  distribution: positive.optional().describe("Weight of the energy distance between the student's items and the teacher's, of images in the middle of the teacher's U-Net (default none; for images 10 is good). So a student of few long steps wins back the variety that averages lack."),
});

const StudentFields = z.strictObject({
  name: z.string().min(1).optional().describe('Shown in tables and pictures.'),
  steps: stepCounts.optional().describe('Coarse steps; a list trains ONE student for all of them.'),
  depth: depth.optional().describe('Signature terms a step and dimension (default 3). The fewer the steps, the deeper.'),
  sweep: z
    .strictObject({ steps: z.array(stepCounts).min(1), depth: z.array(depth).min(1) })
    .optional()
    .describe('Instead of steps and depth: one student for every pair of these.'),
  start: z.enum(['scratch', 'teacher', 'correction']).default('teacher').meta({
    description: 'What the student starts as.',
    enumDescriptions: ['A net of its own, from nothing.', "The teacher's weights: it begins as the ancestral sampler.", 'A net beside the frozen teacher.'],
  }),
  from: z.string().min(1).optional().describe('A student that is there, by name or run id: training begins at its weights, to go on for longer or for other steps. It must be of the same depth, net, start and recurrence, and its teacher of the same schedule, prediction and classes.'),
  recurrence: z.enum(['shared', 'previous', 'gru']).default('shared').meta({
    description: 'What a step passes to the next.',
    enumDescriptions: ['Nothing: all steps share their weights.', 'Its average of x0.', 'A hidden state.'],
  }),
  net: NetSchema.optional().describe("scratch and correction only; default: the teacher's."),
  grid: z.enum(WHOLE_GRIDS).optional().describe('Where the coarse nodes lie (default quad; karras on the schedules ve and edm). For images uniform-alpha is better at 5 steps and more.'),
  weighting: z.enum(['uniform', 'early']).optional().meta({
    description: 'How the errors of a path count in the loss (default uniform).',
    enumDescriptions: ['All steps alike.', 'Early steps more, as their errors grow on the way to the data: better for images in up to 10 steps.'],
  }),
  training: TrainingSchema.extend({ steps: count(0).describe('Optimiser steps; 0: straight to tuning.') }),
  previews: z.boolean().optional().describe('Whether some samples are drawn at every checkpoint, to watch them improve (default true). Changes no number of the training.'),
  tuning: TuningSchema.optional().describe('Tuning through time after training: every step begins where the last one ended (off by default: alone it lowers the pathwise error and worsens the distribution).'),
});

const STUDENT_TRAINING = { steps: 3000, batch: 512, learningRate: 0.004 };
/** What the editor offers for a new entry; a key of JSON Schemas that VS Code knows. */
const STUDENT_SNIPPETS = [
  { label: 'One student', description: '5 steps, depth 3', body: { steps: 5, depth: 3, training: STUDENT_TRAINING } },
  { label: 'Sweep', description: 'A student for every pair of steps and depth', body: { sweep: { steps: [3, 5, 10], depth: [1, 3] }, training: STUDENT_TRAINING } },
];

/** The file as it is written. */
export const ExperimentFile = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().min(1).optional().describe("Default: the file's name."),
  seed: seed.default(0).describe('Everything random follows from it.'),
  dataset: Dataset.optional().describe('The data. A teacher that is there has its own.'),
  schedule: Schedule.prefault({}),
  teacher: TeacherSchema,
  paths: PathsSchema.prefault({}),
  students: z.array(StudentFields.meta({ defaultSnippets: STUDENT_SNIPPETS })).min(1),
  evaluation: EvaluationSection.prefault({}),
});

export type Teacher = z.infer<typeof TrainedTeacher>;
export type DatasetSection = z.infer<typeof Dataset>;
export type ScheduleSection = z.infer<typeof Schedule>;
export type Paths = z.infer<typeof PathsSchema>;
type ExperimentInput = z.infer<typeof ExperimentFile>;
type StudentInput = z.infer<typeof StudentFields>;

/** One student of a file: a sweep is expanded, the name and the depth are filled in. */
export type PlannedStudent = Omit<StudentInput, 'sweep' | 'steps' | 'depth' | 'name'> & { name: string; steps: number | number[]; depth: number };
/** With the grid that the schedule gives where none was said. */
export type Student = PlannedStudent & { grid: NonNullable<PlannedStudent['grid']> };
export type Experiment = Omit<ExperimentInput, '$schema' | 'students' | 'name'> & { name: string; students: PlannedStudent[] };

export const DEFAULT_DEPTH = 3;
/** Guidance scales that students are taught where their experiment does not say. */
export const DEFAULT_GUIDANCE: readonly [number, number] = [1, 4];

/** Whether paths of this kind can teach a conditional student: pairs begin at noised data, which is where an unguided teacher's paths lead through, a guided one's do not. */
export const canTeachLocally = ({ kind, guidance }: Paths): boolean => kind === 'full' || (guidance ?? DEFAULT_GUIDANCE).every((scale) => scale === 1);
export const NO_GUIDED_PAIRS = `'full' beside a teacher with classes, whose guided paths lead elsewhere than through noised data, or "guidance": [1, 1]`;

/** Checks a parsed experiment file and fills in defaults. `where` (usually the file) starts the message. @throws SigdegError BAD_CONFIG. */
export function parseExperiment(value: unknown, where: string, defaultName: string): Experiment {
  const { experiment, problems } = checkExperiment(value, defaultName);
  if (experiment === undefined) throw configError(where, problems);
  return experiment;
}

/** The same without throwing: every problem with its path, for an editor. */
export function checkExperiment(value: unknown, defaultName: string): { experiment?: Experiment; problems: ConfigProblem[] } {
  const parsed = ExperimentFile.safeParse(value);
  if (!parsed.success) return { problems: [...missingData(value), ...problemsOf(parsed.error.issues, value, ExperimentFile)] };
  const problems = [...missingData(value), ...ruleProblems(parsed.data, value)];
  if (problems.length > 0) return { problems };
  const { $schema: _, students, ...rest } = parsed.data;
  return { experiment: { ...rest, name: rest.name ?? defaultName, students: students.flatMap(expand) }, problems };
}

/** Data may be left out beside a teacher that is there. */
function missingData(value: unknown): ConfigProblem[] {
  const { dataset, teacher } = (typeof value === 'object' && value !== null ? value : { dataset: null }) as { dataset?: unknown; teacher?: unknown };
  const given = typeof teacher === 'object' && teacher !== null && Object.hasOwn(teacher, 'from');
  return dataset === undefined && !given ? [ruleProblem(['dataset'], 'an object', undefined)] : [];
}

/** Rules that span several keys. */
function ruleProblems(e: ExperimentInput, value: unknown): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const expect = (holds: boolean, path: (string | number)[], text: string, found: unknown): void => {
    if (!holds) problems.push(ruleProblem(path, text, found));
  };
  const given = 'from' in e.teacher;
  // A teacher that is there has its own schedule, which is looked at where it is found.
  const fineSteps = given ? Infinity : e.schedule.fineSteps;
  const { betaMin, betaMax } = e.schedule;
  const prediction = 'from' in e.teacher ? 'v' : e.teacher.prediction;
  expect(!given || !Object.hasOwn(value as object, 'schedule'), ['schedule'], 'no schedule beside teacher.from (the teacher has its own)', e.schedule);
  const fitting = predictionsOn(e.schedule.name);
  expect(given || fitting.includes(prediction), ['teacher', 'prediction'], `${choiceOf(fitting)} (${unfitting(prediction, e.schedule.name)})`, prediction);
  if (explodes(e.schedule.name)) {
    const usual = EXPLODING_DEFAULTS[e.schedule.name];
    const { sigmaMin = usual.sigmaMin, sigmaMax = usual.sigmaMax } = e.schedule;
    expect(sigmaMax > sigmaMin, ['schedule', 'sigmaMax'], `a number > schedule.sigmaMin (${sigmaMin})`, sigmaMax);
  }
  expect(betaMax > betaMin, ['schedule', 'betaMax'], `a number > schedule.betaMin (${betaMin})`, betaMax);
  e.students.forEach((s, i) => {
    const at = ['students', i];
    if (s.sweep === undefined) expect(s.steps !== undefined, [...at, 'steps'], 'a step count or a list of them (integers ≥ 1), or a sweep', s.steps);
    else expect(s.steps === undefined && s.depth === undefined, [...at, 'sweep'], 'either sweep or steps and depth', s.sweep);
    const steps = [s.steps ?? [], s.sweep?.steps ?? []].flat(2);
    const most = Math.max(1, ...steps);
    expect(most <= fineSteps, [...at, s.sweep === undefined ? 'steps' : 'sweep'], `at most schedule.fineSteps (${fineSteps}) steps`, most);
    expect(s.net === undefined || s.start !== 'teacher', [...at, 'net'], "no net where start is 'teacher' (the student is a copy of it)", s.net);
    const own = 'net' in e.teacher ? e.teacher.net.kind : undefined;
    expect(own === undefined || s.start === 'teacher' || s.net === undefined || s.net.kind === own, [...at, 'net', 'kind'], `'${own}', the teacher's kind`, s.net?.kind);
    expect(s.training.steps > 0 || s.tuning !== undefined, [...at, 'training', 'steps'], 'an integer ≥ 1 (0 only beside tuning)', s.training.steps);
    expect(s.tuning?.distribution === undefined || s.tuning.batch >= 2, [...at, 'tuning', 'batch'], 'at least 2 paths, since tuning.distribution compares sets', s.tuning?.batch);
    const through = s.recurrence !== 'shared' ? 'recurrence' : s.tuning !== undefined ? 'tuning' : undefined;
    expect(s.weighting === undefined || s.recurrence === 'shared', [...at, 'weighting'], "none beside a recurrence other than 'shared'", s.weighting);
    const starting = fitting.filter((one) => STARTING_PREDICTIONS.includes(one));
    expect(s.start !== 'teacher' || given || !fitting.includes(prediction) || starting.includes(prediction), ['teacher', 'prediction'], `${choiceOf(starting)} (students[${i}] starts from the teacher's weights: train the teacher in one of them, or set "start": "scratch" or "correction")`, prediction);
    expect(through === undefined || e.paths.kind === 'full', ['paths', 'kind'], `'full' (students[${i}].${String(through)} trains through whole paths)`, e.paths.kind);
  });
  expect(e.paths.steps === undefined || e.paths.kind === 'full', ['paths', 'steps'], "no steps where paths.kind is 'local' (there it is subSteps)", e.paths.steps);
  expect((e.paths.steps ?? 0) <= fineSteps, ['paths', 'steps'], `at most schedule.fineSteps (${fineSteps}) steps`, e.paths.steps);
  expect((e.evaluation.referenceSteps ?? 0) <= fineSteps, ['evaluation', 'referenceSteps'], `at most schedule.fineSteps (${fineSteps}) steps`, e.evaluation.referenceSteps);
  const conditional = given || ('classes' in e.teacher && e.teacher.classes === true);
  const [least, highest] = e.paths.guidance ?? DEFAULT_GUIDANCE;
  expect(conditional || e.paths.guidance === undefined, ['paths', 'guidance'], 'none without "classes": true in the teacher', e.paths.guidance);
  expect(given || !conditional || canTeachLocally(e.paths), ['paths', 'kind'], NO_GUIDED_PAIRS, e.paths.kind);
  expect(least <= highest, ['paths', 'guidance'], 'the lowest guidance scale, then the highest', e.paths.guidance);
  const { guidance } = e.evaluation;
  expect(conditional || guidance === undefined, ['evaluation', 'guidance'], 'none without "classes": true in the teacher', guidance);
  expect(guidance === undefined || (guidance >= least && guidance <= highest), ['evaluation', 'guidance'], `a scale within paths.guidance (${least} to ${highest})`, guidance);
  expect(e.dataset?.labels === undefined || e.dataset.name === 'npy', ['dataset', 'labels'], "none but of 'npy' (other data have their own)", e.dataset?.labels);
  const names = e.students.flatMap(expand).map((s) => s.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  expect(twice === undefined, ['students'], 'students that differ in name, or in steps and depth', twice);
  const most = Math.max(...e.evaluation.steps);
  expect(most <= fineSteps, ['evaluation', 'steps'], `at most schedule.fineSteps (${fineSteps}) steps`, most);
  return problems;
}

/** What names the students of one entry; other keys of it may be wrong. */
export const StudentNaming = StudentFields.pick({ name: true, steps: true, depth: true, sweep: true }).strip();

/** Name, steps and depth of the students that one entry stands for: one, or one for each pair of a sweep. */
export function studentsOf({ name: given, steps: own = [], depth: ownDepth = DEFAULT_DEPTH, sweep }: z.infer<typeof StudentNaming>): Pick<PlannedStudent, 'name' | 'steps' | 'depth'>[] {
  const pairs = sweep === undefined ? [{ steps: own, depth: ownDepth }] : sweep.steps.flatMap((steps) => sweep.depth.map((depth) => ({ steps, depth })));
  return pairs.map(({ steps, depth }) => {
    const suffix = `${[steps].flat().join('-')}-steps-depth-${depth}`;
    return { name: given === undefined ? suffix : sweep === undefined ? given : `${given}-${suffix}`, steps, depth };
  });
}

function expand({ sweep, ...student }: StudentInput): PlannedStudent[] {
  return studentsOf({ ...student, sweep }).map((named) => ({ ...student, ...named }));
}
