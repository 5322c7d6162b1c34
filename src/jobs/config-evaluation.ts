/** What a file says of samples and their evaluation: a section of an experiment, and the whole config of the runs that `sigdeg sample` and `sigdeg evaluate` make. */
import { z } from 'zod';
import { GRID_KINDS, type GridKind } from '../core/grid';
import { RESIZE_RULES } from '../core/resize';
import { DEFAULT_SAMPLERS, NOISE_SETTINGS, SAMPLER_NAMES } from '../diffusion/samplers/names';
import { METRIC_NAMES } from '../metrics/names';
import { ONNX_LAYOUTS } from '../nets/onnx-names';
import { count, seed } from './config-numbers';

const gridKind = z.enum(GRID_KINDS);
const samplerName = z.enum(SAMPLER_NAMES);
const eta = z.number().min(0).max(NOISE_SETTINGS.eta.most);
const churn = z.number().min(0);
const metric = z.enum(METRIC_NAMES);

const OnnxExtractor = z.strictObject({
  onnx: z.string().min(1).describe('The file, relative to this one.'),
  input: z.string().min(1).optional().describe('Which input takes the image, where the file has several.'),
  output: z.string().min(1).optional().describe('Which output has the features, where the file has several.'),
  layout: z.enum(ONNX_LAYOUTS).default('nchw').describe('Where the network has its channels.'),
  inputRange: z.tuple([z.number(), z.number()]).default([-1, 1]).describe('What black and white are at its input.'),
  quantise: z.boolean().default(true).describe('Whether pixels are rounded to bytes first.'),
  resize: z.strictObject({ height: count(), width: count(), rule: z.enum(RESIZE_RULES) }).nullable().default(null).describe("The network's size, and the rule that leads there."),
});

export const EvaluationSection = z.strictObject({
  count: count(2).default(10000).describe('Samples a set.'),
  seeds: count(3).default(3).describe('Seeds; every number is a median with its range.'),
  samplers: z.array(samplerName).min(1).default([...DEFAULT_SAMPLERS]),
  steps: z.array(count()).min(1).default([5, 10]).describe('Step counts.'),
  grids: z.array(gridKind).min(1).optional().describe('Grids that are searched for each solver and step count (default quad, uniform-t, uniform-logsnr; on the schedules ve and edm karras, uniform-logsnr), and those of the students.'),
  etas: z.array(eta).min(1).optional().describe(`Values of eta that are searched for ddim-eta: 0 is DDIM, 1 ancestral sampling (default: ${NOISE_SETTINGS.eta.usual}).`),
  churns: z.array(churn).min(1).optional().describe(`Values of S_churn that are searched for heun-churn: 0 is Heun (default: ${NOISE_SETTINGS.churn.usual}).`),
  metrics: z.array(metric).min(1).default(['swd', 'pathwise-rmse']).describe('What is measured; psnr and ssim of pictures only. Tables and headlines are about the first that is not measured pair by pair.'),
  extractor: z.union([z.string().min(1), OnnxExtractor], { error: 'a name or a path, or {"onnx": a file, …}' }).default('auto').describe("What feature metrics compare: 'auto' (the classifier that ships for mnist and fashion-mnist, else pixels), pixels, projections, mnist, fashion-mnist, the path of a classifier, or {\"onnx\": FILE}."),
  guidance: z.number().min(0).optional().describe('With teacher.classes: the guidance scale at which all are compared, classes in turn (default 1, or the least that students were taught).'),
  toData: z.boolean().default(false).describe('Whether every metric is also measured against the data.'),
  searchCount: count(2).optional().describe("Samples on which every solver's settings are tried, under one seed, before the best is measured on all (default: all are)."),
  referenceSteps: count(2).optional().describe("SDE-DPM-Solver++ 2M steps that stand for the teacher's fine steps, on the same paths (default: all fine steps by the ancestral sampler)."),
  pathwiseCount: count().optional().describe('Paths of pathwise-rmse, psnr and ssim, which compare item by item (default: `count`).'),
});

/** A `samples` run, made by `sigdeg sample`. */
export const SampleConfigSchema = z.strictObject({
  model: z.string().min(1).describe('Run id of a teacher or student.'),
  weights: z.enum(['ema', 'raw']).default('ema'),
  sampler: samplerName,
  steps: count(),
  grid: gridKind.optional().describe("Default: the student's own, else quad (karras on the schedules ve and edm)."),
  lowerOrderFinal: z.boolean().optional(),
  clamp: z.boolean().optional(),
  eta: eta.optional().describe('Of ddim-eta.'),
  churn: churn.optional().describe('Of heun-churn.'),
  n: count(),
  seed,
  noise: z.strictObject({ file: z.string().min(1), sha256: z.string() }).optional().describe('x_T of the first items, a .npy file; others have their own.'),
  class: z.string().min(1).optional().describe('With teacher.classes: the class of all items, by name or number; all (the default): in turn.'),
  guidance: z.number().min(0).optional().describe('With teacher.classes: guidance scale; default 1, or the least that the student was taught.'),
  brownian: z.enum(['shared', 'simulated']).default('shared').describe('simulated: draws the signature terms directly (student only); faster, and no longer the path of other samplers.'),
});

export type EvaluationSection = z.infer<typeof EvaluationSection>;
/** With the grids that the schedule gives where none were said. */
export type Evaluation = EvaluationSection & { grids: GridKind[] };
