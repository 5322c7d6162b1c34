import { coarseIndices, coarsen, type TimeGrid } from '../core/grid';
import { fillNormalRows, uniformInteger } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import type { NoiseSchedule } from '../core/schedule';
import { conditionalSignature } from '../core/signature';
import { sizeOf } from '../core/shape';
import type { Dataset } from '../data/dataset';
import * as tf from '../runtime/tf';
import { interleave } from './brownian';
import { conditionTensors, drawConditions, type GuidanceRange, type ItemConditions } from './condition';
import type { Denoiser } from './denoiser';
import type { CoarseView } from './fine-paths';
import { integrate } from './run-sampler';
import { ddpm } from './samplers/ddpm';
import { addTerm, REMAINDER, spread } from './sub-steps';

/** Steps of single coarse intervals: states [count, size] before and after, signatures [count, depth · size], all over the same interval n. */
export interface LocalPairs {
  readonly interval: number;
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly xi: Float32Array;
  /** Of a conditional teacher: the items' own classes, and drawn guidance scales. */
  readonly conditions?: ItemConditions;
}

/** Step within a pair's address of the forward noise; 0 … subSteps − 1 are the sub-step noises. */
const FORWARD = 0xffffffff;

/**
 * Teaches a coarse interval without simulating the way to it: real data is forward-noised to the interval's start and the teacher runs over that one
 * interval in `subSteps` ancestral steps. Their noises alone do not give the fine grid's signature, so it is drawn exactly given them:
 * xi = A z + R eta (see `conditionalSignature`).
 *
 * All pairs of one call share an interval, which makes every evaluation one noise level; callers spread calls over the intervals.
 */
export function simulateLocalPairs(options: {
  denoiser: Denoiser;
  dataset: Dataset;
  schedule: NoiseSchedule;
  fine: TimeGrid;
  view: CoarseView;
  interval: number;
  subSteps: number;
  seed: number;
  first: number;
  count: number;
  condition?: { readonly classes: number; readonly guidance: GuidanceRange } | undefined;
}): LocalPairs {
  const { denoiser, dataset, schedule, fine, view, interval, seed, first, count } = options;
  const { itemShape } = dataset;
  const size = sizeOf(itemShape);
  const indices = coarseIndices(fine, view.steps, view.grid);
  const begin = indices[interval]!;
  const end = indices[interval + 1]!;
  const subIndices = spread(begin, end, options.subSteps);
  const sub = coarsen(fine, subIndices);
  const { A, R } = conditionalSignature(fine, begin, end, view.depth, subIndices);

  const from = new Float32Array(count * size);
  const z = new Float64Array(count * size);
  const { condition } = options;
  const conditions = condition && drawConditions(condition.classes, condition.guidance, { seed, first, count });
  for (let i = 0; i < count; i++) {
    const item = uniformInteger(dataset.count, seed, STREAM.localPair, first + i, FORWARD);
    dataset.fill(from, i * size, item);
    if (conditions) conditions.labels[i] = dataset.label!(item);
  }
  fillNormalRows(z, 0, size, count, 'items', seed, STREAM.pathTraining, first, FORWARD);
  for (let at = 0; at < z.length; at++) from[at] = fine.alpha[begin]! * from[at]! + fine.sigma[begin]! * z[at]!;

  const { depth } = view;
  const sums = new Float64Array(count * depth * size);
  const accumulate = (coefficient: (k: number) => number): void => {
    for (let k = 0; k < depth; k++) addTerm(sums, k, coefficient(k), z, { count, depth, size });
  };
  // Keeps of every sub-step's noise what the signature needs of it.
  const noiseOf = (j: number): tf.Tensor => {
    fillNormalRows(z, 0, size, count, 'items', seed, STREAM.pathTraining, first, j);
    accumulate((k) => A[k * sub.steps + j]!);
    return tf.tensor(new Float32Array(z), [count, ...itemShape]);
  };
  const told = condition && conditionTensors(conditions!, condition.classes);
  const x = integrate(ddpm, { denoiser, schedule, grid: sub, condition: told, path: { signature: noiseOf }, settings: { lowerOrderFinal: false } }, tf.tensor(from, [count, ...itemShape]));
  tf.dispose({ ...told });
  const xi = new Float32Array(count * depth * size);
  for (let e = 0; e < depth; e++) {
    fillNormalRows(z, 0, size, count, 'items', seed, STREAM.localPair, first, REMAINDER - e);
    accumulate((k) => R[k * depth + e]!);
  }
  for (let i = 0; i < count; i++) {
    interleave(sums.subarray(i * depth * size, (i + 1) * depth * size), xi, i * depth * size, depth, size, itemShape.at(-1)!);
  }
  const to = x.dataSync<'float32'>().slice();
  x.dispose();
  return { interval, from, to, xi, ...(conditions && { conditions }) };
}
