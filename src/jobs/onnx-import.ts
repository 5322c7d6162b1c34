/** Decides what an ONNX file is as a teacher, and tries it, in a process of its own: a file that crashes ONNX Runtime takes nobody with it. */
import { z } from 'zod';
import { SigdegError } from '../core/errors';
import { createSchedule } from '../core/schedule';
import { choiceOf, PREDICTIONS, predictionsOn, unfitting, type Prediction } from '../diffusion/predictions';
import { embedRows } from '../nets/embedding';
import { ONNX_LAYOUTS, ONNX_TIMES, type OnnxLayout, type OnnxNetConfig, type OnnxTime } from '../nets/onnx-names';
import { createOnnxNet, noWeights } from '../nets/onnx-net';
import { openOnnx } from '../runtime/onnx-session';
import * as tf from '../runtime/tf';
import { parseScheduler, type ImportedSchedule } from './diffusers-config';
import { readJson } from './diffusers-files';
import { readOnnxFile } from './onnx-file';
import { choosePorts, parseNames, parseShape } from './onnx-ports';
import { parseSchedule, SCHEDULE_NAMES, ScheduleSchema } from './onnx-schedule';
import { fineGridOf, type Common } from './setup';

/** What the user says of a file; anything may be left out that the file itself or a scheduler's file tells. */
export interface OnnxWishes {
  readonly prediction?: Prediction | undefined;
  /** As `parseSchedule` reads it. */
  readonly schedule?: string | undefined;
  /** A diffusers scheduler_config.json: schedule, prediction and clip. */
  readonly scheduler?: string | undefined;
  readonly time?: OnnxTime | undefined;
  readonly inputNames?: string | undefined;
  readonly outputName?: string | undefined;
  readonly shape?: string | undefined;
  readonly layout?: OnnxLayout | undefined;
}

export interface OnnxFacts {
  readonly net: OnnxNetConfig;
  readonly prediction: Prediction;
  readonly clip: number | null;
  readonly schedule: Common['schedule'];
  /** Of an item, channels last. */
  readonly shape: readonly number[];
  readonly sha256: string;
}

/** Key under which our export writes what an import needs to know. */
export const DENOISER_KEY = 'sigdeg.denoiser';

const name = z.string().min(1);
const Denoiser = z.object({
  prediction: z.enum(PREDICTIONS), time: z.enum(ONNX_TIMES), schedule: ScheduleSchema, shape: z.array(z.int().min(1)), layout: z.enum(ONNX_LAYOUTS),
  inputs: z.object({ x: name, time: name, alpha: name.optional(), sigma: name.optional() }), output: name,
});
/** What an exported teacher says of itself. */
export type OnnxDenoiserFacts = Omit<z.infer<typeof Denoiser>, 'schedule'> & Pick<Common, 'schedule'>;

/** @throws SigdegError NOT_FOUND, BAD_FILE, UNSUPPORTED; BAD_USAGE naming what has to be said; NO_ENGINE without ONNX Runtime */
export function readOnnxTeacher(file: string, wishes: OnnxWishes): OnnxFacts {
  const { bytes, sha256, metadata } = readOnnxFile(file);
  const own = ownFacts(metadata[DENOISER_KEY]);
  const session = openOnnx(bytes, file);
  try {
    const { time: timeInput, shape, ...ports } = choosePorts(session, {
      inputs: { ...own?.inputs, ...(wishes.inputNames === undefined ? {} : parseNames(wishes.inputNames)) },
      output: wishes.outputName ?? own?.output,
      shape: wishes.shape === undefined ? own?.shape : parseShape(wishes.shape),
      layout: wishes.layout ?? own?.layout,
    }, file);
    const told = scheduleOf(wishes, own, file);
    const prediction = wishes.prediction ?? own?.prediction ?? told.prediction;
    const fitting = predictionsOn(told.schedule.name);
    if (prediction === undefined) throw new SigdegError('BAD_USAGE', `${file}: expected --prediction ${choiceOf(fitting)}: what the output «${ports.output}» is`);
    if (!fitting.includes(prediction)) throw new SigdegError('BAD_USAGE', `${file}: expected --prediction ${choiceOf(fitting)} (${unfitting(prediction, told.schedule.name)}), found ${prediction}`);
    if (prediction === 'epsilon' && told.schedule.name === 'discrete' && told.schedule.zeroTerminalSnr) throw new SigdegError('UNSUPPORTED', `${file}: expected the prediction v or x0, since zeroTerminalSnr leaves a step of noise alone, where epsilon says nothing of the item; found epsilon`);
    // Whole numbers count something; EDM's bare network is told c_noise.
    const time = wishes.time ?? own?.time ?? (timeInput.type.startsWith('int') ? 'index' : prediction === 'edm' ? 'c-noise' : undefined);
    if (time === undefined) throw new SigdegError('BAD_USAGE', `${file}: expected --time index, t, sigma, c-noise or log-snr: what the input «${timeInput.name}» is told`);
    const net: OnnxNetConfig = { kind: 'onnx', ...ports, time };
    tryOnce(net, shape, told.schedule, () => openOnnx(bytes, file), file);
    return { net, prediction, clip: told.clip ?? null, schedule: told.schedule, shape, sha256 };
  } finally {
    session.dispose();
  }
}

function ownFacts(text: string | undefined): OnnxDenoiserFacts | undefined {
  try {
    return text === undefined ? undefined : Denoiser.safeParse(JSON.parse(text)).data;
  } catch {
    // Another program's use of the key: then everything is asked for.
    return undefined;
  }
}

function scheduleOf({ schedule, scheduler }: OnnxWishes, own: OnnxDenoiserFacts | undefined, file: string): Pick<Common, 'schedule'> & Partial<Pick<ImportedSchedule, 'prediction' | 'clip'>> {
  if (schedule !== undefined && scheduler !== undefined) throw new SigdegError('BAD_USAGE', '--schedule and --scheduler name the schedule twice: leave one away');
  if (schedule !== undefined) return { schedule: parseSchedule(schedule) };
  if (scheduler !== undefined) {
    const value = readJson(scheduler);
    if (value === undefined) throw new SigdegError('NOT_FOUND', `${scheduler}: expected a scheduler_config.json, found nothing: check the path`);
    return parseScheduler(value, scheduler);
  }
  if (own === undefined) throw new SigdegError('BAD_USAGE', `${file}: expected --schedule NAME (${SCHEDULE_NAMES.join(', ')}), as in linear,betaStart=0.0001,betaEnd=0.02,trainSteps=1000, or --scheduler scheduler_config.json: the noise levels that it was trained at`);
  return { schedule: own.schedule };
}

/** Runs the model on items of one time, and of times of their own. @throws SigdegError BAD_FILE, UNSUPPORTED when it does not run or gives another shape */
function tryOnce(config: OnnxNetConfig, shape: readonly number[], schedule: Common['schedule'], open: Parameters<typeof createOnnxNet>[0], file: string): void {
  const net = createOnnxNet(open, config, shape, createSchedule(schedule), file);
  const { lambda, steps } = fineGridOf(schedule);
  try {
    for (const lambdas of [[lambda[0]!], [lambda[0]!, lambda[steps >> 1]!]]) {
      tf.tidy(() => net.apply(noWeights, [tf.zeros([2, ...shape])], tf.tensor2d(embedRows(lambdas, 1, net.features), [lambdas.length, net.features.size])));
    }
  } finally {
    net.dispose();
  }
}
