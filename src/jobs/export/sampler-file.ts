/**
 * `sampler.json`: everything beside the network that a sampler needs, as plain numbers, so that a script without our code draws the same samples. Read by
 * `media/export/sample.py`.
 */
import { coarseIndices, coarsen, type GridKind, type TimeGrid } from '../../core/grid';
import { INITIAL_STEP, STREAM } from '../../core/random/streams';
import { signatureBasis } from '../../core/signature';
import type { Normalisation } from '../../data/dataset';
import type { TimeFeatures } from '../../nets/embedding';
import { frameTable, type HostFrame } from '../../sigdeg/frames';

export const SAMPLER_FORMAT = 1;

/** One step: x_{n+1} = keep x_n + drift x0 + noise xi_0, with what the network is told about it. */
interface Step extends Omit<HostFrame, 'embedding'> {
  readonly embedding: readonly number[];
  /** Fine steps [from, to) that the step spans. */
  readonly from: number;
  readonly to: number;
  /** Rows q_k over these fine steps: xi_k = q_k · z. */
  readonly basis: readonly (readonly number[])[];
}

export interface SamplerFile {
  readonly format: number;
  readonly kind: 'teacher' | 'student';
  readonly run: string;
  readonly weights: 'ema' | 'raw';
  readonly weightsHash: string;
  /** Channels last. */
  readonly itemShape: readonly number[];
  /** data = model · scale + offset */
  readonly normalisation: Normalisation;
  readonly depth: number;
  /** Shape of one item of what a recurrent student carries from step to step; null when it carries nothing. */
  readonly carry: readonly number[] | null;
  /** Of a model with classes: their names, the scales that a student was taught (null of a teacher, which takes any), and the usual one. */
  readonly conditional?: { readonly classes: readonly string[]; readonly guidance: readonly [number, number] | null; readonly usualGuidance: number };
  readonly noise: { readonly generator: 'philox4x32-10'; readonly stream: number; readonly initialStep: number };
  /** sigma at the first node: the start is sigma times the item's first noise. */
  readonly initialSigma: number;
  /** By the number of steps. */
  readonly samplers: Readonly<Record<string, readonly Step[]>>;
}

export type SamplerFacts = Omit<SamplerFile, 'format' | 'noise' | 'initialSigma' | 'samplers'>;

/**
 * @param features what the network is told of a time.
 * @param termsAt how many of the `depth` terms a sampler of so many steps reads: the others' rows are zero.
 */
export function samplerFile(facts: SamplerFacts, fine: TimeGrid, counts: readonly number[], kind: GridKind, features: TimeFeatures, termsAt: (steps: number) => number): SamplerFile {
  const samplers = Object.fromEntries(counts.map((steps): [string, Step[]] => {
    const indices = coarseIndices(fine, steps, kind);
    return [String(steps), frameTable(coarsen(fine, indices), facts.kind === 'student' ? 'both' : 'beginning', features).map((frame, n) => {
      const [from, to] = [indices[n]!, indices[n + 1]!];
      const basis = new Float64Array(facts.depth * (to - from));
      basis.set(signatureBasis(fine, from, to, termsAt(steps)));
      return { ...frame, embedding: [...frame.embedding], from, to, basis: Array.from({ length: facts.depth }, (_, k) => [...basis.subarray(k * (to - from), (k + 1) * (to - from))]) };
    })];
  }));
  const noise = { generator: 'philox4x32-10', stream: STREAM.sampling, initialStep: INITIAL_STEP } as const;
  return { format: SAMPLER_FORMAT, ...facts, noise, initialSigma: fine.sigma[0]!, samplers };
}
