import { SigdegError } from '../core/errors';
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors';
import type { ParameterLayout } from '../nets/parameters';
import { freshState, meanLoss, train, type Objective, type TrainingConfig, type TrainingState } from '../nets/trainer';
import { latestCheckpoint, writeCheckpoint, type Checkpoint } from '../store/checkpoints';
import { heldOutLoss, trainingLoss } from '../store/loss-names';
import type { JobContext, JobResult } from './context';

/** About so many items say what the loss is on those that are held out. */
const HELD_OUT_ITEMS = 1024;

/** One stretch of a training: a student may have a second one (tuning). */
export interface Phase {
  readonly name: string;
  readonly objective: Objective;
  /** The same on items that are never trained on; its loss is logged at every checkpoint. */
  readonly heldOut?: Objective;
  readonly config: TrainingConfig;
}

/**
 * Trains phase after phase from the newest checkpoint or from the given start, writing losses, progress and checkpoints to the run.
 * @param onCheckpoint called after every checkpoint with its step and moving average.
 */
export async function trainPhases(context: JobContext, layout: ParameterLayout, phases: readonly Phase[], start: () => Float32Array, onCheckpoint?: (step: number, ema: Float32Array) => void): Promise<JobResult> {
  const checkpoint = latestCheckpoint(context.dir, (error) => { context.events.append({ type: 'log', level: 'warn', message: error.message }); });
  const total = phases.reduce((sum, phase) => sum + phase.config.steps, 0);
  let before = 0;
  let state = checkpoint ? readState(checkpoint, layout, context.dir) : freshState(start());
  const resumedAt = state.step;
  for (const [i, { name, objective, heldOut, config }] of phases.entries()) {
    const end = before + config.steps;
    if (resumedAt >= end && i + 1 < phases.length) {
      before = end;
      continue;
    }
    const offset = before;
    // A new phase starts its own optimiser; a resumed one goes on with the saved moments.
    const local: TrainingState = state.step > offset || i === 0 ? { ...state, step: state.step - offset } : { ...freshState(state.weights), ema: state.ema };
    const result = await explained(context, config, () => train(layout, objective, config, local, {
      onLoss: (step, loss) => {
        context.events.append({ type: 'scalar', name: trainingLoss(name), step: offset + step, value: loss });
        context.events.append({ type: 'progress', step: offset + step, steps: total, phase: name });
      },
      onCheckpoint: (s) => {
        state = { ...s, step: offset + s.step };
        saveState(context.dir, layout, state);
        if (heldOut) context.events.append({ type: 'scalar', name: heldOutLoss(name), step: state.step, value: meanLoss(layout, heldOut, s.weights, Math.ceil(HELD_OUT_ITEMS / config.batch)) });
        onCheckpoint?.(state.step, state.ema);
      },
      interrupted: () => context.interrupted(),
      pause: () => context.pause(),
    }));
    if (result === 'interrupted') return 'stopped';
    before = end;
  }
  return 'done';
}

/**
 * A training that diverged would diverge again from its checkpoint, since resuming is exact: another learning rate is another run, and the message says
 * which key that is.
 */
async function explained<T>(context: JobContext, config: TrainingConfig, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SigdegError) || error.code !== 'NAN_LOSS') throw error;
    const [key, note] = context.manifest.kind === 'teacher' ? ['teacher.training.learningRate', ''] : ['students.0.training.learningRate', ' (0: the place of this student in the list)'];
    const kept = latestCheckpoint(context.dir);
    throw new SigdegError('NAN_LOSS', `${error.message.split(';')[0]!} with a learning rate of ${config.learningRate}; ${kept ? `the checkpoint of step ${kept.step} is kept` : 'there was no checkpoint yet'}: run the same command with --set ${key}=${Number((config.learningRate / 10).toPrecision(3))}${note}, which starts a new run`, { cause: error });
  }
}

function saveState(dir: string, layout: ParameterLayout, { step, weights, ema, first, second }: TrainingState): void {
  const moment = (data: Float32Array) => ({ dtype: 'F32' as const, shape: [data.length], data });
  writeCheckpoint(dir, step, {
    'model.safetensors': encodeSafetensors(layout.toTensors(weights)),
    'ema.safetensors': encodeSafetensors(layout.toTensors(ema)),
    'optimizer.safetensors': encodeSafetensors(new Map([['first', moment(first)], ['second', moment(second)]])),
  }, { step });
}

function readState(checkpoint: Checkpoint, layout: ParameterLayout, where: string): TrainingState {
  const read = (file: string) => decodeSafetensors(checkpoint.file(file), `${where}/${file}`).tensors;
  const optimizer = read('optimizer.safetensors');
  return {
    step: checkpoint.step,
    weights: layout.fromTensors(read('model.safetensors'), where),
    ema: layout.fromTensors(read('ema.safetensors'), where),
    first: optimizer.get('first')!.data as Float32Array,
    second: optimizer.get('second')!.data as Float32Array,
  };
}
