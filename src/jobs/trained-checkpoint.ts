/** What a training has left: its newest checkpoint and the files in it. Loads no tfjs. */
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { latestCheckpoint, type Checkpoint } from '../store/checkpoints';
import { readManifest } from '../store/run';

export type WeightsKind = 'ema' | 'raw';

/** The copy of an imported ONNX file in its run's checkpoint. */
export const ONNX_FILE = 'model.onnx';

/** The file of a checkpoint with the weights as trained, or their moving average. */
export const weightsFile = (kind: WeightsKind): 'ema.safetensors' | 'model.safetensors' => (kind === 'ema' ? 'ema.safetensors' : 'model.safetensors');

/**
 * A run's newest checkpoint. An older one, where the newest is damaged, would silently be another model.
 * @throws SigdegError NOT_FOUND when training has not written one yet or the run was deleted, BAD_CHECKPOINT
 */
export function trainedCheckpoint(dir: string): Checkpoint {
  readManifest(dir);
  const checkpoint = latestCheckpoint(dir, (error) => {
    throw new SigdegError('BAD_CHECKPOINT', `${error.message}: «sigdeg resume ${path.basename(dir)}» makes it again from an older one`);
  });
  if (!checkpoint) throw new SigdegError('NOT_FOUND', `${path.basename(dir)} has no checkpoint yet: run «sigdeg resume ${path.basename(dir)}» first`);
  return checkpoint;
}
