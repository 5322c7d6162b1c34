/** The networks that are measured, with weights that no symmetry flatters, and the file by which the peer proves that its network is the same. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fillNormals } from '../../../src/core/random/normal';
import { STREAM } from '../../../src/core/random/streams';
import { sizeOf } from '../../../src/core/shape';
import { netDenoiser, type Denoiser } from '../../../src/diffusion/denoiser';
import { createTeacher } from '../../../src/diffusion/teacher';
import { encodeSafetensors, type TensorData } from '../../../src/formats/safetensors';
import { setupOf, type TrainedConfig } from '../../../src/jobs/setup';
import { embedRows } from '../../../src/nets/embedding';
import type { Net } from '../../../src/nets/net';
import type { ParameterLayout } from '../../../src/nets/parameters';
import * as tf from '../../../src/runtime/tf';

export const NET_NAMES = ['mlp', 'unet'] as const;
export type NetName = (typeof NET_NAMES)[number];

const SCHEDULE = { name: 'vp-linear', betaMin: 0.1, betaMax: 20, tMin: 1e-3, fineSteps: 1000 } as const;
const TRAINING = { steps: 1_000_000, learningRate: 1e-4, warmup: 100, clip: 1, ema: 0.999, checkpointEvery: 1_000_000, logEvery: 25 };

/** 3-128-128-128-2 on points (two blocks), and the U-Net of the MNIST example. */
const NETS: Record<NetName, { readonly net: TrainedConfig['teacher']['net']; readonly dataset: TrainedConfig['dataset'] }> = {
  mlp: { net: { kind: 'mlp', width: 128, blocks: 2 }, dataset: { name: '8-gaussians' } },
  unet: { net: { kind: 'unet', channels: [32, 64], blocks: 1, attention: false, patch: 2 }, dataset: { name: 'mnist' } },
};

export function teacherConfig(name: NetName, batch = 64, fineSteps: number = SCHEDULE.fineSteps): TrainedConfig {
  const { net, dataset } = NETS[name];
  return { seed: 0, baseDir: process.cwd(), dataset, schedule: { ...SCHEDULE, fineSteps }, teacher: { net, prediction: 'v', training: { ...TRAINING, batch } } };
}

export interface BenchNet {
  readonly config: TrainedConfig;
  readonly net: Net;
  readonly layout: ParameterLayout;
  readonly itemShape: readonly number[];
  readonly weights: Float32Array;
}

/** Weights as at a training's start, but that nothing is zero: layers that start at zero would hide a difference. */
export function benchNet(name: NetName, batch?: number): BenchNet {
  const config = teacherConfig(name, batch);
  const { itemShape } = setupOf(config).dataset;
  const { net, layout } = createTeacher(config.teacher.net, itemShape);
  const weights = layout.initial(1);
  const noise = new Float32Array(weights.length);
  fillNormals(noise, 0, noise.length, 2, STREAM.weights, 0, 0);
  for (let i = 0; i < weights.length; i++) weights[i]! += 0.02 * noise[i]!;
  return { config, net, layout, itemShape, weights };
}

export function denoiserOf({ net, layout, weights }: BenchNet): { denoiser: Denoiser; dispose: () => void } {
  const pieces = tf.tidy(() => layout.split(tf.tensor1d(weights)));
  const denoiser = netDenoiser(net, layout.weights(pieces), { prediction: 'v' });
  return { denoiser, dispose: () => { denoiser.recordings.dispose(); tf.dispose(pieces); } };
}

export const normals = (count: number, seed: number): Float32Array => {
  const out = new Float32Array(count);
  fillNormals(out, 0, count, seed, STREAM.sampling, 0, 0);
  return out;
};

export const f32 = (shape: number[], data: Float32Array): TensorData => ({ dtype: 'F32', shape, data });

export const LEVEL = { alpha: 0.8, sigma: 0.6, lambda: Math.log(0.8 / 0.6) };

/** The denoiser's answer at `LEVEL`, by a call that is recorded as a sampler's are. */
export const x0At = (denoiser: Denoiser, x: tf.Tensor): tf.Tensor => tf.tidy(() => {
  const embedding = embedRows([LEVEL.lambda], 1, denoiser.features);
  const evaluate = denoiser.recordings.of('bench', (inputs) => [denoiser.x0(inputs['x']!, { alpha: inputs['alpha']!, sigma: inputs['sigma']!, embedding: inputs['embedding'] as tf.Tensor2D })]);
  return evaluate({ x, alpha: tf.scalar(LEVEL.alpha), sigma: tf.scalar(LEVEL.sigma), embedding: tf.tensor2d(embedding, [1, embedding.length]) })[0]!;
});

/** A file with the weights, an input x and the denoiser's answer at `LEVEL`. */
export function writeReference(bench: BenchNet, scratch: string, name: string): string {
  const { itemShape, layout, weights } = bench;
  const rows = 16;
  const shape = [rows, ...itemShape];
  const x = normals(sizeOf(shape), 3);
  const { denoiser, dispose } = denoiserOf(bench);
  const x0 = tf.tidy(() => x0At(denoiser, tf.tensor(x, shape)).dataSync<'float32'>().slice());
  dispose();
  const tensors = new Map([...layout.toTensors(weights)].map(([key, value]) => [`net.${key}`, value]));
  const file = path.join(scratch, `${name}.safetensors`);
  fs.writeFileSync(file, encodeSafetensors(new Map([...tensors, ['x', f32(shape, x)], ['x0', f32(shape, x0)], ['level', f32([3], Float32Array.of(LEVEL.alpha, LEVEL.sigma, LEVEL.lambda))]])));
  return file;
}

/** Arithmetic of one forward pass over one item, and the numbers its layers hand on: what must be written and read once. */
export function forwardCost({ config, layout }: BenchNet): { flop: number; activations: number } {
  const { net } = config.teacher;
  const [height = 1, width = 1] = setupOf(config).dataset.itemShape;
  /** Pixels of the grid on which a layer works. */
  const pixels = (layer: string): number => {
    if (net.kind === 'mlp' || layer.includes('time_emb')) return 1;
    const level = /^(?:down|up)_blocks\.(\d+)\./.exec(layer)?.[1];
    const depth = layer.startsWith('mid_block') ? net.channels.length - 1 : Number(level ?? 0) + (layer.includes('downsamplers') ? 1 : 0);
    return (height * width) / net.patch ** 2 / 4 ** depth;
  };
  let [flop, activations] = [0, 0];
  for (const { name, shape } of layout.specs) {
    if (!name.endsWith('.weight')) continue;
    if (shape.length > 1) flop += 2 * sizeOf(shape) * pixels(name);
    activations += shape.at(-1)! * pixels(name);
  }
  return { flop, activations };
}
