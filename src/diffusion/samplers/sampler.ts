import type { TimeGrid } from '../../core/grid';
import type { Level, NoiseSchedule } from '../../core/schedule';
import type { Condition } from '../../nets/condition';
import type * as tf from '../../runtime/tf';
import type { BrownianPath } from '../brownian';
import type { Denoiser } from '../denoiser';
import { termOf, type Form } from './form';

/** Called after every step with the state it reached (valid until the callback returns). */
export type OnStep = (n: number, x: tf.Tensor) => void;

export interface SamplerSettings {
  /** Multistep solvers take their last steps at lower order, the last one at the first, which steadies few-step runs. */
  readonly lowerOrderFinal: boolean;
  /** Of `ddim-eta`, 0 … 1. */
  readonly eta?: number | undefined;
  /** Of `heun-churn`: S_churn ≥ 0. */
  readonly churn?: number | undefined;
}

/** What the numbers of a step depend on. */
export interface StepInput {
  readonly schedule: NoiseSchedule;
  /** The coarse grid, noisiest node first. */
  readonly grid: TimeGrid;
  /** The grid whose nodes it takes, and which; without it no solver can stop within a step. */
  readonly within?: { readonly fine: TimeGrid; readonly indices: ArrayLike<number> };
  readonly settings: SamplerSettings;
}

export interface SamplerInput extends StepInput {
  readonly denoiser: Denoiser;
  readonly path: Pick<BrownianPath, 'initial'> & StepNoise;
  /** Of the items, where the denoiser is class-conditional. The caller's. */
  readonly condition?: Condition | undefined;
}

/** The noise need only have what the solver asks for. */
export type StepNoise = Partial<Omit<BrownianPath, 'initial'>>;

/**
 * What z a step asks of the path: over coarse step n the first signature term xi_0 (the noise of the exponential step), the increment in t, or W and H in the clock
 * theta; or the noise of the exponential step from one fine node to another.
 */
export type NoiseRequest =
  | { readonly kind: 'signature' | 'wiener' | 'areas'; readonly n: number }
  | { readonly kind: 'part'; readonly from: number; readonly to: number };

/** A step as it stands: the noise it asks for, where it evaluates the denoiser, and what it leaves to the next, the state first. All of it linear but the denoiser. */
export interface StepPlan {
  readonly noise: readonly NoiseRequest[];
  readonly evaluations: readonly { readonly at: Level; readonly state: Form }[];
  readonly carried: readonly Form[];
}

/** A solver's step from node n to n + 1, as the paper has it, on forms in the place of tensors. */
export type Solver = (step: StepDraft, input: StepInput, n: number) => StepResult;

export interface StepResult {
  /** x_{n+1}. */
  readonly next: Form;
  /** What the next step finds in `memory`. */
  readonly memory?: readonly Form[];
}

/** A step while a solver writes it. */
export class StepDraft {
  /** x_n. */
  readonly x: Form = termOf('carried 0');
  /** What the step before kept; nothing at the first. */
  readonly memory: readonly Form[];
  readonly noise: NoiseRequest[] = [];
  readonly evaluations: { at: Level; state: Form }[] = [];
  private noises = 0;

  constructor(memories: number) {
    this.memory = Array.from({ length: memories }, (_, i) => termOf(`carried ${i + 1}`));
  }

  /** D = E[x_0 | x] of a state at a noise level: one evaluation of the network. */
  denoise(state: Form, at: Level): Form {
    return termOf(`x0 ${this.evaluations.push({ at, state }) - 1}`);
  }

  /** xi_0 of coarse step n, standard normal. */
  signature(n: number): Form {
    return this.ask({ kind: 'signature', n }, 1)[0]!;
  }

  /** The increment in t over coarse step n, scaled to unit variance. */
  wiener(n: number): Form {
    return this.ask({ kind: 'wiener', n }, 1)[0]!;
  }

  /** W and H of coarse step n in the clock theta, in units of the square root of its length. */
  areas(n: number): readonly [W: Form, H: Form] {
    return this.ask({ kind: 'areas', n }, 2) as [Form, Form];
  }

  /** The noise of the exponential step between two fine nodes, standard normal. */
  part(from: number, to: number): Form {
    return this.ask({ kind: 'part', from, to }, 1)[0]!;
  }

  private ask(request: NoiseRequest, terms: number): Form[] {
    this.noise.push(request);
    const first = this.noises;
    this.noises += terms;
    return Array.from({ length: terms }, (_, i) => termOf(`noise ${first + i}`));
  }
}

/** The plan of step n. @param memories how many forms the step before kept. */
export function planStep(solver: Solver, input: StepInput, n: number, memories: number): StepPlan {
  const draft = new StepDraft(memories);
  const { next, memory = [] } = solver(draft, input, n);
  return { noise: draft.noise, evaluations: draft.evaluations, carried: [next, ...memory] };
}
