/** The JSON files of a diffusers folder, checked: what the network is, and what its scheduler says of the schedule and of the prediction. */
import { z } from 'zod';
import { SigdegError } from '../core/errors';
import { BETA_SCHEDULES, type DiscreteScheduleConfig } from '../core/discrete-schedule';
import type { Prediction } from '../diffusion/predictions';
import { ACTIVATIONS, DOWN_BLOCKS, UP_BLOCKS, type Unet2dArchitecture } from '../nets/unet2d-config';
import { ExperimentFile } from './config';
import { configError, problemsOf } from './config-errors';
import type { Common } from './setup';

const size = z.int().min(1).max(65536);
const factor = z.number().gt(0);

/** Defaults are those of diffusers, which leaves older files incomplete. What has no influence on a trained model is passed over. */
const UnetFile = z.object({
  sample_size: z.union([z.int().min(1).max(65536), z.tuple([size, size])], { error: 'a height and width' }),
  in_channels: size.default(3),
  out_channels: size.default(3),
  center_input_sample: z.boolean().default(false),
  time_embedding_type: z.enum(['positional', 'fourier']).default('positional'),
  time_embedding_dim: size.nullable().default(null),
  freq_shift: z.number().default(0),
  flip_sin_to_cos: z.boolean().default(true),
  down_block_types: z.array(z.enum(DOWN_BLOCKS)).min(1).max(16),
  mid_block_type: z.literal('UNetMidBlock2D').nullable().default('UNetMidBlock2D'),
  up_block_types: z.array(z.enum(UP_BLOCKS)).min(1).max(16),
  block_out_channels: z.array(size).min(1).max(16),
  layers_per_block: z.int().min(1).max(64).default(2),
  mid_block_scale_factor: factor.default(1),
  downsample_padding: z.union([z.literal(0), z.literal(1)], { error: '0 or 1' }).default(1),
  downsample_type: z.enum(['conv', 'resnet']).default('conv'),
  upsample_type: z.enum(['conv', 'resnet']).default('conv'),
  act_fn: z.enum(ACTIVATIONS).default('silu'),
  attention_head_dim: size.nullable().default(8),
  norm_num_groups: size.default(32),
  attn_norm_num_groups: size.nullable().default(null),
  norm_eps: factor.default(1e-5),
  resnet_time_scale_shift: z.enum(['default', 'scale_shift']).default('default'),
  add_attention: z.boolean().default(true),
  class_embed_type: z.literal('timestep').nullable().default(null),
  num_class_embeds: size.nullable().default(null),
});

/** The version whose words these are. */
const DIFFUSERS = '0.42.1';

/** Where the data of such models lie; a teacher is drawn in these units. */
export const CLIP_DEFAULT = 1;

const SchedulerFile = z.object({
  _class_name: z.string().default('DDPMScheduler'),
  num_train_timesteps: z.int().min(2).max(100_000).default(1000),
  beta_start: factor.default(1e-4),
  beta_end: factor.default(0.02),
  beta_schedule: z.enum(BETA_SCHEDULES).default('linear'),
  trained_betas: z.array(z.number()).min(2).max(100_000).nullable().default(null),
  rescale_betas_zero_snr: z.boolean().default(false),
  prediction_type: z.enum(['epsilon', 'sample', 'v_prediction']).default('epsilon'),
  clip_sample: z.boolean().default(true),
  clip_sample_range: factor.default(CLIP_DEFAULT),
  thresholding: z.boolean().default(false),
  timestep_spacing: z.string().default('leading'),
});

/** Schedulers of models whose noise levels are those of DDPM; which of them samples does not matter here. */
const DDPM_FAMILY = /^(DDPM|DDIM|DDIMInverse|PNDM|DPMSolver(Multistep|Singlestep|SDE)|UniPCMultistep|DEISMultistep|SASolver|Euler(Ancestral)?Discrete|HeunDiscrete|LMSDiscrete|KDPM2(Ancestral)?Discrete|DDPMParallel|DDIMParallel|LCM|TCD|IPNDM)(Scheduler)?$/;
/** Only these have the keys: the clamp of others is off. */
const CLIPPING = /^(DDPM|DDIM|DDIMInverse|DDPMParallel|DDIMParallel)Scheduler$/;

/** EDM's own; which of them samples, and with which spacing of sigma, does not matter here. */
const EDM_FAMILY = /^EDM(Euler|DPMSolverMultistep)Scheduler$/;
const EdmFile = z.object({
  _class_name: z.string(),
  sigma_min: factor.default(0.002),
  sigma_max: factor.default(80),
  sigma_data: factor.default(0.5),
  sigma_schedule: z.string().default('karras'),
  prediction_type: z.literal('epsilon', { error: "'epsilon', the output of EDM's preconditioning" }).default('epsilon'),
});

/** What a scheduler's configuration says of the model. */
export interface ImportedSchedule {
  readonly schedule: Common['schedule'];
  readonly prediction: Prediction;
  /** x0 is held within ± this. */
  readonly clip: number | null;
  readonly scheduler: string;
  /** How diffusers would place the steps of a shorter sampling. */
  readonly timestepSpacing: string;
}

const PREDICTION: Readonly<Record<z.infer<typeof SchedulerFile>['prediction_type'], Prediction>> = { epsilon: 'epsilon', sample: 'x0', v_prediction: 'v' };

/** @throws SigdegError UNSUPPORTED naming what was found and what is supported. */
export function parseScheduler(value: unknown, where: string): ImportedSchedule {
  if (EDM_FAMILY.test(String((value as { _class_name?: unknown } | null)?._class_name))) return parseEdm(value, where);
  const file = parsed(SchedulerFile, value, where, 'supported are the schedules of DDPM (linear, scaled_linear, squaredcos_cap_v2, sigmoid, trained_betas) with the predictions epsilon, sample and v_prediction');
  const { _class_name: scheduler, trained_betas: trained } = file;
  if (!DDPM_FAMILY.test(scheduler)) throw new SigdegError('UNSUPPORTED', `${where}: expected a scheduler of the DDPM family (such as DDPMScheduler, DDIMScheduler, DPMSolverMultistepScheduler) or of EDM (EDMEulerScheduler, EDMDPMSolverMultistepScheduler), found ${scheduler}, whose noise levels are of another kind`);
  const prediction = PREDICTION[file.prediction_type];
  if (prediction === 'epsilon' && file.rescale_betas_zero_snr) throw new SigdegError('UNSUPPORTED', `${where}: expected the prediction v_prediction or sample, since rescale_betas_zero_snr leaves a step of noise alone, where epsilon says nothing of the item; found epsilon`);
  return {
    schedule: { name: 'discrete', betas: trained ?? file.beta_schedule, betaStart: file.beta_start, betaEnd: file.beta_end, trainSteps: trained?.length ?? file.num_train_timesteps, zeroTerminalSnr: file.rescale_betas_zero_snr },
    prediction,
    clip: file.clip_sample && CLIPPING.test(scheduler) ? file.clip_sample_range : null,
    scheduler,
    timestepSpacing: file.timestep_spacing,
  };
}

function parseEdm(value: unknown, where: string): ImportedSchedule {
  const { _class_name: scheduler, sigma_min, sigma_max, sigma_data, sigma_schedule } = parsed(EdmFile, value, where, 'supported are the schedulers of EDM with the prediction epsilon');
  if (!(sigma_max > sigma_min)) throw new SigdegError('UNSUPPORTED', `${where}: expected sigma_max above sigma_min (${sigma_min}), found ${sigma_max}`);
  const schedule = ExperimentFile.shape.schedule.parse({ name: 'edm', sigmaMin: sigma_min, sigmaMax: sigma_max, sigmaData: sigma_data });
  return { schedule, prediction: 'edm', clip: null, scheduler, timestepSpacing: sigma_schedule };
}

/** @throws SigdegError UNSUPPORTED naming the key, what was found and what is supported. */
export function parseUnet(value: unknown, where: string): Unet2dArchitecture {
  const className = (value as { _class_name?: unknown } | null)?._class_name;
  if (className === 'UNet2DConditionModel') throw textConditioned(where, className);
  if (className !== undefined && className !== 'UNet2DModel') throw new SigdegError('UNSUPPORTED', `${where}: expected a UNet2DModel, found ${JSON.stringify(className)}: export the model to ONNX and import that`);
  const { sample_size, ...file } = parsed(UnetFile, value, where, `supported is the unconditional UNet2DModel with ${[...DOWN_BLOCKS, ...UP_BLOCKS].join(', ')}`);
  const a: Unet2dArchitecture = { ...file, sample_size: typeof sample_size === 'number' ? [sample_size, sample_size] : sample_size };
  const expect = (holds: boolean, text: string, found: unknown): void => {
    if (!holds) throw new SigdegError('UNSUPPORTED', `${where}: expected ${text}, found ${JSON.stringify(found)}`);
  };
  const channels = a.block_out_channels;
  const levels = channels.length;
  expect(a.down_block_types.length === levels, `as many down_block_types as block_out_channels (${levels})`, a.down_block_types);
  expect(a.up_block_types.length === levels, `as many up_block_types as block_out_channels (${levels})`, a.up_block_types);
  expect(a.in_channels === a.out_channels, `out_channels = in_channels (${a.in_channels}); a learned variance or a condition in the channels is not supported`, a.out_channels);
  expect(a.sample_size.every((side) => side % 2 ** (levels - 1) === 0), `a sample_size of multiples of ${2 ** (levels - 1)}, which ${levels} resolutions halve`, a.sample_size);
  expect(channels.every((c) => c % a.norm_num_groups === 0), `block_out_channels that norm_num_groups (${a.norm_num_groups}) divides`, channels);
  expect(channels.at(-1)! % (a.attn_norm_num_groups ?? 1) === 0, `attn_norm_num_groups that divides ${channels.at(-1)!} channels`, a.attn_norm_num_groups);
  expect(channels.every((c) => c >= (a.attention_head_dim ?? 1)), `attention_head_dim of at most the channels (${Math.min(...channels)})`, a.attention_head_dim);
  expect(channels[0]! >= 4, 'block_out_channels of at least 4', channels[0]);
  return a;
}

/** What diffusers reads of a network; `parseUnet` gives the same architecture back. */
export function unetFile({ sample_size: [height, width], ...architecture }: Unet2dArchitecture): object {
  return { _class_name: 'UNet2DModel', _diffusers_version: DIFFUSERS, sample_size: height === width ? height : [height, width], ...architecture };
}

/** The configuration of the scheduler with which such a model was trained; `parseScheduler` gives the same back. @throws SigdegError UNSUPPORTED */
export function schedulerFile({ schedule, prediction, clip, timestepSpacing }: Omit<ImportedSchedule, 'scheduler' | 'schedule'> & { readonly schedule: DiscreteScheduleConfig }): object {
  const { betas, betaStart, betaEnd, trainSteps, zeroTerminalSnr } = schedule;
  const type = Object.entries(PREDICTION).find(([, ours]) => ours === prediction)?.[0];
  if (type === undefined) throw new SigdegError('UNSUPPORTED', `diffusers' DDPMScheduler knows the predictions ${Object.values(PREDICTION).join(', ')}, found ${prediction}: export the model to ONNX`);
  return {
    _class_name: 'DDPMScheduler', _diffusers_version: DIFFUSERS, num_train_timesteps: trainSteps, beta_start: betaStart, beta_end: betaEnd,
    ...(typeof betas === 'string' ? { beta_schedule: betas, trained_betas: null } : { trained_betas: betas }),
    rescale_betas_zero_snr: zeroTerminalSnr, prediction_type: type, clip_sample: clip !== null, clip_sample_range: clip ?? CLIP_DEFAULT, timestep_spacing: timestepSpacing,
  };
}

export const textConditioned = (where: string, found: string): SigdegError =>
  new SigdegError('UNSUPPORTED', `${where}: expected an unconditional UNet2DModel, found ${found}, which draws from a text or another condition: export the model with its condition fixed to ONNX and import that`);

function parsed<S extends z.ZodType>(schema: S, value: unknown, where: string, supported: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new SigdegError('UNSUPPORTED', `${configError(where, problemsOf(result.error.issues, value, schema)).message}; ${supported}`);
}
