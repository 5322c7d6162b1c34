import { coarseIndices, coarsen, type GridKind, type TimeGrid } from '../core/grid';
import { fillNormalRows } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import type { NoiseSchedule } from '../core/schedule';
import { signatureBasis } from '../core/signature';
import { sizeOf } from '../core/shape';
import * as tf from '../runtime/tf';
import { FineNoise, interleave, SharedPath, type PathItems } from './brownian';
import type { Denoiser } from './denoiser';
import { runSampler } from './run-sampler';
import { ddpm } from './samplers/ddpm';

/** Which coarse grids a set of fine paths is recorded on, and how many signature terms of each interval are kept. */
export interface CoarseView {
  readonly steps: number;
  readonly grid: GridKind;
  readonly depth: number;
}

/** The teacher's paths of a batch on one coarse grid: states [count, steps + 1, size] and signatures [count, steps, depth · size]. */
export interface CoarsePaths {
  readonly states: Float32Array;
  readonly xi: Float32Array;
}

/**
 * Runs the teacher's ancestral sampler over the whole fine grid and records, for every coarse view at once, the states at its nodes and the partial
 * signature of the very noise that drove it.
 */
export function simulateFinePaths(denoiser: Denoiser, schedule: NoiseSchedule, fine: TimeGrid, items: PathItems, views: readonly CoarseView[]): CoarsePaths[] {
  const recorders = views.map((view) => new Recorder(view, fine, items));
  const size = sizeOf(items.itemShape);
  const z = new Float32Array(items.count * size);
  const shared = new SharedPath(new FineNoise(fine, items), []);
  const path = {
    initial: () => shared.initial(),
    wiener: (n: number) => shared.wiener(n),
    signature: (j: number) => {
      fillNormalRows(z, 0, size, items.count, 'items', items.seed, items.stream, items.first, j);
      for (const recorder of recorders) recorder.noise(j, z);
      return tf.tensor(z.slice(), [items.count, ...items.itemShape]);
    },
  };
  for (const recorder of recorders) tf.tidy(() => { recorder.state(0, tf.mul(shared.initial(), fine.sigma[0]!)); });
  const end = runSampler(ddpm, { denoiser, schedule, grid: fine, path, settings: { lowerOrderFinal: false } }, (j, x) => {
    for (const recorder of recorders) recorder.state(j + 1, x);
  });
  end.dispose();
  return recorders.map((recorder) => recorder.finish());
}

/** Collects one coarse view of the paths while the fine sampler runs. */
class Recorder {
  private readonly indices: Int32Array;
  private readonly states: Float32Array;
  private readonly sums: Float64Array;
  private readonly xi: Float32Array;
  private readonly size: number;
  private interval = 0;
  private basis: Float64Array;

  constructor(private readonly view: CoarseView, private readonly fine: TimeGrid, private readonly items: PathItems) {
    this.size = sizeOf(items.itemShape);
    this.indices = coarseIndices(fine, view.steps, view.grid);
    this.states = new Float32Array(items.count * (view.steps + 1) * this.size);
    this.xi = new Float32Array(items.count * view.steps * view.depth * this.size);
    this.sums = new Float64Array(items.count * view.depth * this.size);
    this.basis = this.basisOf(0);
  }

  noise(j: number, z: Float32Array): void {
    const { depth } = this.view;
    const from = this.indices[this.interval]!;
    const length = this.indices[this.interval + 1]! - from;
    for (let k = 0; k < depth; k++) {
      const q = this.basis[k * length + j - from]!;
      for (let i = 0; i < this.items.count; i++) {
        const at = (i * depth + k) * this.size;
        for (let d = 0; d < this.size; d++) this.sums[at + d]! += q * z[i * this.size + d]!;
      }
    }
  }

  /** The state at a fine node; it is kept, and the interval before it closed, where that is a coarse node. */
  state(node: number, x: tf.Tensor): void {
    const at = node === 0 ? 0 : this.interval + 1;
    if (node !== this.indices[at]) return;
    const { steps } = this.view;
    const values = x.dataSync<'float32'>();
    for (let i = 0; i < this.items.count; i++) {
      this.states.set(values.subarray(i * this.size, (i + 1) * this.size), (i * (steps + 1) + at) * this.size);
    }
    if (node > 0) this.closeInterval();
  }

  finish(): CoarsePaths {
    return { states: this.states, xi: this.xi };
  }

  private closeInterval(): void {
    const { depth, steps } = this.view;
    const channels = this.items.itemShape.at(-1)!;
    const terms = depth * this.size;
    for (let i = 0; i < this.items.count; i++) {
      interleave(this.sums.subarray(i * terms, (i + 1) * terms), this.xi, (i * steps + this.interval) * terms, depth, this.size, channels);
    }
    this.sums.fill(0);
    this.interval++;
    if (this.interval < steps) this.basis = this.basisOf(this.interval);
  }

  private basisOf(interval: number): Float64Array {
    return signatureBasis(this.fine, this.indices[interval]!, this.indices[interval + 1]!, this.view.depth);
  }
}

/** The stream of the paths that students are taught on: never the one that samples are drawn from. */
export const TRAINING_STREAM = STREAM.pathTraining;

export const coarseGrid = (fine: TimeGrid, steps: number, kind: GridKind): TimeGrid => coarsen(fine, coarseIndices(fine, steps, kind));
