/** The way of samples of 2-D data from noise to data, recorded while they are drawn: it costs no second drawing, and waits in the cache until an evaluation keeps it. */
import type { TimeGrid } from '../core/grid';
import type { BrownianPath } from '../diffusion/brownian';
import { STUDENT_SAMPLER } from '../diffusion/samplers/names';
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors';
import * as tf from '../runtime/tf';
import type { ShardCache } from '../store/cache';
import type { FlowTrack } from '../store/flow';
import { choiceCache } from './choice-cache';
import type { LoadedModel } from './model';
import type { SamplingChoice } from './simulate';

/** Items of a flow; more of them only hide each other. They all are in the first chunk. */
const FLOW_ITEMS = 1500;
/** Frames of a way of many steps. A few-step sampler has one a step. */
const MOST_FRAMES = 40;

/** Students, and the teacher at all its fine steps. */
export const hasFlow = ({ sampler, steps, brownian }: SamplingChoice, itemShape: readonly number[], fineSteps: number): boolean =>
  itemShape.length === 1 && itemShape[0] === 2 && brownian === 'shared' && (sampler === STUDENT_SAMPLER || (sampler === 'ddpm' && steps === fineSteps));

export const flowCache = (runsDir: string, choice: SamplingChoice, model: LoadedModel): ShardCache =>
  choiceCache(runsDir, { type: 'flow', version: 1, items: FLOW_ITEMS, frames: MOST_FRAMES }, choice, model);

/** Copies the states at some nodes of a grid as a sampler passes them. */
export class FlowRecorder {
  private readonly nodes: readonly number[];
  private readonly states: Float32Array;

  constructor(private readonly grid: TimeGrid, path: BrownianPath, private readonly scaled: boolean) {
    const frames = Math.min(grid.steps, MOST_FRAMES);
    this.nodes = Array.from({ length: frames + 1 }, (_, k) => Math.round((k * grid.steps) / frames));
    this.states = new Float32Array(this.nodes.length * FLOW_ITEMS * 2);
    const start = tf.tidy(() => tf.mul(path.initial(), grid.sigma[0]!));
    this.keep(0, start);
    start.dispose();
  }

  readonly onStep = (n: number, x: tf.Tensor): void => { this.keep(n + 1, x); };

  private keep(node: number, x: tf.Tensor): void {
    const frame = this.nodes.indexOf(node);
    if (frame < 0) return;
    this.states.set(x.dataSync<'float32'>().subarray(0, FLOW_ITEMS * 2), frame * FLOW_ITEMS * 2);
    // A state that grows with the noise is shown at the size of the data.
    const size = Math.hypot(this.grid.alpha[node]!, this.grid.sigma[node]!);
    if (this.scaled) for (let i = frame * FLOW_ITEMS * 2; i < (frame + 1) * FLOW_ITEMS * 2; i++) this.states[i]! /= size;
  }

  encode(): Uint8Array {
    const times = Float64Array.from(this.nodes, (node) => this.grid.t[node]!);
    return encodeSafetensors(new Map([
      ['times', { dtype: 'F64', shape: [times.length], data: times }],
      ['states', { dtype: 'F32', shape: [times.length, FLOW_ITEMS, 2], data: this.states }],
    ]));
  }
}

/** What was recorded of a choice; undefined when the cache was emptied meanwhile. */
export function recordedFlow(runsDir: string, choice: SamplingChoice, model: LoadedModel): Pick<FlowTrack, 'times' | 'states'> | undefined {
  const cache = flowCache(runsDir, choice, model);
  const bytes = cache.read(0);
  if (bytes === undefined) return undefined;
  const { tensors } = decodeSafetensors(bytes, cache.dir);
  return { times: tensors.get('times')!.data as Float64Array, states: tensors.get('states')!.data as Float32Array };
}
