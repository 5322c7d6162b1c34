/** Samples of 2-D data on their way from noise to data, kept by an evaluation: `samples/flow.safetensors`, the states of some items at some nodes of each contestant. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { SigdegError } from '../core/errors';
import { encodeSafetensors, type TensorData } from '../formats/safetensors';
import { atomicWrite, makeFolder } from './atomic';
import { RunId } from './inside';
import { readTensors, SAMPLES_FOLDER } from './pictures';

const FILE = 'flow.safetensors';

const Head = z.array(z.object({ run: RunId, sampler: z.string(), steps: z.number(), depth: z.number().nullable(), teacher: z.boolean() })).min(1).max(1000);

/** One contestant's way, noise first. */
export type FlowTrack = z.infer<typeof Head>[number] & {
  /** Diffusion time of each frame, falling. */
  readonly times: Float64Array;
  /** [frames, items, 2] flat; item i of every contestant has the same noise. */
  readonly states: Float32Array;
};

export const hasFlow = (dir: string): boolean => fs.existsSync(path.join(dir, SAMPLES_FOLDER, FILE));

/** @throws SigdegError NO_SPACE, NO_ACCESS */
export function writeFlow(dir: string, tracks: readonly FlowTrack[]): void {
  const tensors = new Map<string, TensorData>(tracks.flatMap(({ times, states }, i): [string, TensorData][] => [
    [`${i}.times`, { dtype: 'F64', shape: [times.length], data: times }],
    [`${i}.states`, { dtype: 'F32', shape: [times.length, states.length / times.length / 2, 2], data: states }],
  ]));
  const head: z.infer<typeof Head> = tracks.map(({ times: _, states: __, ...track }) => track);
  makeFolder(path.join(dir, SAMPLES_FOLDER));
  atomicWrite(path.join(dir, SAMPLES_FOLDER, FILE), encodeSafetensors(tensors, { flow: JSON.stringify(head) }));
}

/** @throws SigdegError NOT_FOUND, BAD_FILE, NO_ACCESS */
export async function readFlow(dir: string): Promise<FlowTrack[]> {
  const { tensors, head, file } = await readTensors(path.join(dir, SAMPLES_FOLDER, FILE), 'flow', Head);
  return head.map((track, i) => {
    const [times, states] = [tensors.get(`${i}.times`), tensors.get(`${i}.states`)];
    if (times?.dtype !== 'F64' || states?.dtype !== 'F32' || states.shape.length !== 3 || states.shape[2] !== 2 || states.shape[0] !== times.data.length) {
      throw new SigdegError('BAD_FILE', `${file}: the flow of ${track.sampler} is missing or of another shape; run the same command again`);
    }
    return { ...track, times: times.data as Float64Array, states: states.data as Float32Array };
  });
}
