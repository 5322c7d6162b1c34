/**
 * A folder that diffusers' `save_pretrained` wrote: a pipeline (model_index.json with unet/ and scheduler/), the same without its index, or a bare model. Everything
 * is decided from JSON files and the heads of safetensors files, before anything is allocated. Pickles are never opened.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { hasClasses, type Unet2dArchitecture } from '../nets/unet2d-config';
import { parseScheduler, parseUnet, textConditioned, type ImportedSchedule } from './diffusers-config';
import { isPickle, pickle, readJson } from './diffusers-files';
import { checkWeights, weightFiles, type WeightFile } from './diffusers-weights';

export interface DiffusersFolder {
  readonly folder: string;
  /** Such as DDPMPipeline; null for a model without one. */
  readonly pipeline: string | null;
  readonly architecture: Unet2dArchitecture;
  readonly schedule: ImportedSchedule;
  readonly weights: readonly WeightFile[];
  /** What was taken for granted, a line each. */
  readonly notes: readonly string[];
}

const LATENT = /^(AutoencoderKL|AutoencoderTiny|AutoencoderDC|AsymmetricAutoencoderKL|ConsistencyDecoderVAE|VQModel)/;

/** @param classLabel the class that is wanted, of a model that has classes. @throws SigdegError NOT_FOUND, BAD_FILE, UNSUPPORTED */
export function readDiffusersFolder(given: string, options: { scheduler?: string | undefined; classLabel?: number | undefined }): DiffusersFolder {
  const folder = path.resolve(given);
  const stat = fs.statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) throw new SigdegError('NOT_FOUND', `${folder}: expected a folder that diffusers' save_pretrained wrote, found nothing: check the path`);
  if (stat.isFile()) throw refusedFile(folder);

  const index = readJson(path.join(folder, 'model_index.json'));
  if (index !== undefined) checkPipeline(index, path.join(folder, 'model_index.json'));
  const notes: string[] = [];
  const inside = fs.existsSync(path.join(folder, 'unet', 'config.json'));
  const unetDir = inside ? path.join(folder, 'unet') : folder;
  const unetFile = path.join(unetDir, 'config.json');
  const unet = readJson(unetFile);
  if (unet === undefined) throw new SigdegError('NOT_FOUND', `${folder}: expected model_index.json with unet/config.json, or config.json, found neither: name the folder that save_pretrained wrote`);
  const architecture = parseUnet(unet, unetFile);
  checkClass(architecture, options.classLabel, unetFile);

  const schedulerFile = options.scheduler ?? [path.join(folder, 'scheduler', 'scheduler_config.json'), path.join(folder, 'scheduler_config.json')].find((file) => fs.existsSync(file));
  if (schedulerFile === undefined) notes.push("no scheduler_config.json: took DDPMScheduler's defaults (1000 steps, linear betas 0.0001 … 0.02, epsilon); name one with --scheduler");
  const scheduler = schedulerFile === undefined ? {} : readJson(schedulerFile);
  if (scheduler === undefined) throw new SigdegError('NOT_FOUND', `${schedulerFile}: expected a scheduler_config.json, found nothing: check the path`);
  const schedule = parseScheduler(scheduler, schedulerFile ?? folder);
  if ((scheduler as { thresholding?: unknown }).thresholding === true) notes.push('dynamic thresholding, a setting of the sampler, is left out');

  if (schedule.prediction === 'edm' && architecture.time_embedding_type === 'fourier') throw new SigdegError('UNSUPPORTED', `${unetFile}: expected time_embedding_type positional beside ${schedule.scheduler}, since fourier takes the logarithm of the time, which EDM's c_noise below zero has not; found fourier`);

  const weights = weightFiles(unetDir);
  checkWeights(weights, architecture);
  const pipeline = (index as { _class_name?: unknown } | undefined)?._class_name;
  return { folder, pipeline: typeof pipeline === 'string' ? pipeline : null, architecture, schedule, weights, notes };
}

/** What to do with a single file. */
function refusedFile(file: string): SigdegError {
  if (isPickle(file)) return pickle(file);
  return new SigdegError('UNSUPPORTED', `${file}: expected a folder that diffusers' save_pretrained wrote (config.json beside diffusion_pytorch_model.safetensors) or a file NAME.onnx, found another file: name its folder`);
}

/** Refuses a pipeline whose parts say that it draws something else than an unconditional U-Net of pixels would. */
function checkPipeline(index: unknown, where: string): void {
  const parts = Object.entries(index as Record<string, unknown>).flatMap(([name, part]): [string, string][] => (Array.isArray(part) && typeof part[1] === 'string' ? [[name, part[1]]] : []));
  const unet = parts.find(([name]) => name === 'unet')?.[1];
  const text = parts.find(([name, part]) => name.startsWith('text_encoder') || name.startsWith('tokenizer') || part === 'UNet2DConditionModel');
  const latent = parts.find(([name, part]) => LATENT.test(part) || name === 'vae' || name === 'vqvae');
  if (latent) throw new SigdegError('UNSUPPORTED', `${where}: expected a model of pixels (DDPMPipeline, DDIMPipeline), found ${latent[1]} («${latent[0]}»): a latent pipeline, whose network draws codes: distil an unconditional UNet2DModel of pixels instead`);
  if (text) throw textConditioned(where, `${text[1]} («${text[0]}»)`);
  if (unet !== 'UNet2DModel') throw new SigdegError('UNSUPPORTED', `${where}: expected the part «unet» to be a UNet2DModel, found ${unet ?? `the parts ${parts.map(([name]) => name).join(', ') || 'none'}`}: export the model to ONNX and import that`);
}

function checkClass(a: Unet2dArchitecture, label: number | undefined, where: string): void {
  const most = (a.num_class_embeds ?? Infinity) - 1;
  if (hasClasses(a) && (label === undefined || label > most)) throw new SigdegError('BAD_USAGE', `${where}: this model draws classes: name one with --class${Number.isFinite(most) ? ` (0 to ${most})` : ''}, found ${label ?? 'none'}`);
  if (!hasClasses(a) && label !== undefined) throw new SigdegError('BAD_USAGE', `${where}: --class expects a model with classes, this one has none: leave it out`);
}
