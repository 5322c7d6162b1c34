import { coarseIndices, coarsen, type GridKind, type TimeGrid } from '../core/grid';
import { fillNormalRows } from '../core/random/normal';
import { STREAM } from '../core/random/streams';
import type { NoiseSchedule } from '../core/schedule';
import { sizeOf } from '../core/shape';
import { conditionalSignature, signatureBasis } from '../core/signature';
import * as tf from '../runtime/tf';
import { FineNoise, interleave, SharedPath, type PathItems } from './brownian';
import type { Condition } from '../nets/condition';
import type { Denoiser } from './denoiser';
import { runSampler } from './run-sampler';
import { ddpm } from './samplers/ddpm';
import { sdeDpmpp2m } from './samplers/sde-dpmpp-2m';
import { addTerm, REMAINDER, spread } from './sub-steps';

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
 * Runs the teacher from noise to the end and records, for every coarse view at once, the states at its nodes and the partial signature of the very noise that
 * drove it. In `steps` = all steps of the fine grid it is the teacher itself, the ancestral sampler. In fewer, about evenly spread over the fine grid and cut
 * at every coarse node, it is SDE-DPM-Solver++ 2M: second order reaches the same states in a fraction of the evaluations, and what their noises leave open
 * of the signature is drawn (see `conditionalSignature`).
 * @param condition of the items, where the teacher is class-conditional; the caller's
 */
export function simulateFinePaths(denoiser: Denoiser, schedule: NoiseSchedule, fine: TimeGrid, items: PathItems, views: readonly CoarseView[], steps = fine.steps, condition?: Condition): CoarsePaths[] {
  const nodes = solverNodes(fine, views, steps);
  const recorders = views.map((view) => new Recorder(view, fine, items, nodes));
  const size = sizeOf(items.itemShape);
  const z = new Float32Array(items.count * size);
  const shared = new SharedPath(new FineNoise(fine, items), []);
  const path = {
    initial: () => shared.initial(),
    signature: (j: number) => {
      fillNormalRows(z, 0, size, items.count, 'items', items.seed, items.stream, items.first, j);
      for (const recorder of recorders) recorder.noise(j, z);
      return tf.tensor(z.slice(), [items.count, ...items.itemShape]);
    },
  };
  for (const recorder of recorders) tf.tidy(() => { recorder.state(0, tf.mul(shared.initial(), fine.sigma[0]!)); });
  const [solver, grid] = steps === fine.steps ? [ddpm, fine] : [sdeDpmpp2m, coarsen(fine, nodes)];
  const end = runSampler(solver, { denoiser, schedule, grid, path, condition, settings: { lowerOrderFinal: false } }, (j, x) => {
    for (const recorder of recorders) recorder.state(j + 1, x);
  });
  end.dispose();
  return recorders.map((recorder) => recorder.finish());
}

/** The fine nodes at which a solver of about so many steps stops: every coarse node is one of them. */
export function solverNodes(fine: TimeGrid, views: readonly CoarseView[], steps: number): Int32Array {
  const nodes = new Set(spread(0, fine.steps, steps));
  for (const view of views) for (const node of coarseIndices(fine, view.steps, view.grid)) nodes.add(node);
  return Int32Array.from(nodes).sort();
}

/** What of a signature the solver's noises determine, [depth × steps], and what is left to draw, [depth × depth]; nothing where the solver takes every fine step. */
interface Terms {
  readonly A: Float64Array;
  readonly R: Float64Array | undefined;
}

/** Collects one coarse view of the paths while the solver runs. */
class Recorder {
  private readonly indices: Int32Array;
  private readonly states: Float32Array;
  private readonly sums: Float64Array;
  private readonly xi: Float32Array;
  private readonly size: number;
  private interval = 0;
  private terms: Terms;

  /** @param nodes fine nodes that the solver stops at. */
  constructor(private readonly view: CoarseView, private readonly fine: TimeGrid, private readonly items: PathItems, private readonly nodes: Int32Array) {
    this.size = sizeOf(items.itemShape);
    this.indices = coarseIndices(fine, view.steps, view.grid).map((node) => nodes.indexOf(node));
    this.states = new Float32Array(items.count * (view.steps + 1) * this.size);
    this.xi = new Float32Array(items.count * view.steps * view.depth * this.size);
    this.sums = new Float64Array(items.count * view.depth * this.size);
    this.terms = this.termsOf(0);
  }

  /** The normals of the solver's step j. */
  noise(j: number, z: Float32Array): void {
    const { depth } = this.view;
    const from = this.indices[this.interval]!;
    const length = this.indices[this.interval + 1]! - from;
    for (let k = 0; k < depth; k++) this.add(k, this.terms.A[k * length + j - from]!, z);
  }

  /** The state at the solver's node; it is kept, and the interval before it closed, where that is a coarse node. */
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

  private add(k: number, q: number, z: Float32Array): void {
    addTerm(this.sums, k, q, z, { count: this.items.count, depth: this.view.depth, size: this.size });
  }

  private closeInterval(): void {
    const { depth, steps } = this.view;
    if (this.terms.R) this.drawRemainder(this.terms.R);
    const channels = this.items.itemShape.at(-1)!;
    const terms = depth * this.size;
    for (let i = 0; i < this.items.count; i++) {
      interleave(this.sums.subarray(i * terms, (i + 1) * terms), this.xi, (i * steps + this.interval) * terms, depth, this.size, channels);
    }
    this.sums.fill(0);
    this.interval++;
    if (this.interval < steps) this.terms = this.termsOf(this.interval);
  }

  private drawRemainder(R: Float64Array): void {
    const { seed, first, count } = this.items;
    const { depth } = this.view;
    const z = new Float32Array(count * this.size);
    for (let e = 0; e < depth; e++) {
      fillNormalRows(z, 0, this.size, count, 'items', seed, STREAM.localPair, first, REMAINDER - this.interval * depth - e);
      for (let k = e; k < depth; k++) this.add(k, R[k * depth + e]!, z);
    }
  }

  private termsOf(interval: number): Terms {
    const [from, to] = [this.indices[interval]!, this.indices[interval + 1]!];
    const [begin, end] = [this.nodes[from]!, this.nodes[to]!];
    if (to - from === end - begin) return { A: signatureBasis(this.fine, begin, end, this.view.depth), R: undefined };
    return conditionalSignature(this.fine, begin, end, this.view.depth, this.nodes.subarray(from, to + 1));
  }
}

/** The stream of the paths that students are taught on: never the one that samples are drawn from. */
export const TRAINING_STREAM = STREAM.pathTraining;

export const coarseGrid = (fine: TimeGrid, steps: number, kind: GridKind): TimeGrid => coarsen(fine, coarseIndices(fine, steps, kind));
