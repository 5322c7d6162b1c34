import { SigdegError } from '../core/errors';
import type { Condition } from '../nets/condition';
import { embedRows } from '../nets/embedding';
import type { TensorFunction } from '../runtime/recorded';
import * as tf from '../runtime/tf';
import type { NoiseDemand } from './brownian';
import type { Denoiser } from './denoiser';
import { singleTerm, type Form, type Term } from './samplers/form';
import { planStep, type NoiseRequest, type OnStep, type SamplerInput, type Solver, type StepInput, type StepNoise, type StepPlan } from './samplers/sampler';

/**
 * Runs a solver from pure noise to the grid's last node and returns x there [batch, ...item]. At the first node x = sigma_0 times a standard normal:
 * there alpha is so small that the data's own share cannot be seen.
 */
export function runSampler(solver: Solver, input: SamplerInput, onStep?: OnStep): tf.Tensor {
  return integrate(solver, input, tf.tidy(() => tf.mul(input.path.initial(), input.grid.sigma[0]!)), onStep);
}

/** As a sampler's input, without a beginning. */
export interface IntegrationInput extends Omit<SamplerInput, 'path'> {
  readonly path: StepNoise;
}

/** Runs a solver over the whole grid from a state at its first node, which it disposes of. */
export function integrate(solver: Solver, input: IntegrationInput, start: tf.Tensor, onStep?: OnStep): tf.Tensor {
  const { denoiser, grid, path, condition } = input;
  let carried = [start];
  for (let n = 0; n < grid.steps; n++) {
    const before = carried;
    const plan = planStep(solver, input, n, before.length - 1);
    carried = tf.tidy(() => {
      const terms = new Map<Term, tf.Tensor>();
      before.forEach((tensor, i) => terms.set(`carried ${i}`, tensor));
      plan.noise.flatMap((request) => noiseOf(path, request)).forEach((tensor, i) => terms.set(`noise ${i}`, tensor));
      const results = recordedStep(denoiser, plan)({ ...inputsOf(denoiser, plan, terms), ...condition });
      return plan.carried.map((form) => given(form, terms) ?? results.shift()!);
    });
    for (const tensor of before) if (!carried.includes(tensor)) tensor.dispose();
    onStep?.(n, carried[0]!);
  }
  tf.dispose(carried.slice(1));
  return carried[0]!;
}

/** What a solver will ask of the noise on a grid whose nodes are the fine nodes `indices`, to be drawn in one go. */
export function demandsOf(solver: Solver, input: StepInput, indices: ArrayLike<number>): NoiseDemand[] {
  let memories = 0;
  return Array.from({ length: input.grid.steps }, (_, n) => {
    const plan = planStep(solver, input, n, memories);
    memories = plan.carried.length - 1;
    return plan.noise.map((request): NoiseDemand => {
      switch (request.kind) {
        case 'part': return { indices: [request.from, request.to], clock: 'theta', depth: 1 };
        case 'areas': return { indices: [indices[request.n]!, indices[request.n + 1]!], clock: 'areas', depth: 2 };
        case 'signature': return { indices: [indices[request.n]!, indices[request.n + 1]!], clock: 'theta', depth: 1 };
        case 'wiener': return { indices: [indices[request.n]!, indices[request.n + 1]!], clock: 't', depth: 1 };
      }
    });
  }).flat();
}

/** The noises of a request, one tensor [batch, ...item] for each term. */
function noiseOf(path: StepNoise, request: NoiseRequest): tf.Tensor[] {
  const tensor = request.kind === 'part' ? path.part?.(request.from, request.to)
    : request.kind === 'areas' ? path.areas?.(request.n)
    : request.kind === 'signature' ? path.signature?.(request.n, 1) : path.wiener?.(request.n);
  if (tensor === undefined) throw new SigdegError('INTERNAL', `sampler: expected a path with '${request.kind}', found one without it`);
  return request.kind === 'areas' ? tf.split(tensor, 2, tensor.rank - 1) : [tensor];
}

/** A tensor that is carried on as it came: the memory of a multistep solver moves up by one. */
function given(form: Form, terms: ReadonlyMap<Term, tf.Tensor>): tf.Tensor | undefined {
  const term = singleTerm(form);
  return term === undefined ? undefined : terms.get(term);
}

const isAnswer = (term: Term): boolean => term.startsWith('x0 ');

/** The forms of a plan that need computing, in the order in which they are. */
const formsOf = ({ evaluations, carried }: StepPlan): Form[] =>
  [...evaluations.map(({ state }) => state), ...carried.filter((form) => { const term = singleTerm(form); return term === undefined || isAnswer(term); })];

/** The tensors of a step under names without blanks, and its numbers [1, …]: of each evaluation alpha, sigma and the embedding, then every factor that is not 1. */
function inputsOf(denoiser: Denoiser, plan: StepPlan, terms: ReadonlyMap<Term, tf.Tensor>): Record<string, tf.Tensor> {
  const forms = formsOf(plan);
  const used = new Set(forms.flatMap((form) => [...form.keys()]));
  const levels = plan.evaluations.flatMap(({ at }) => [at.alpha, at.sigma, ...embedRows([at.lambda], 1, denoiser.features)]);
  const numbers = [...levels, ...forms.flatMap((form) => [...form.values()].filter((factor) => factor !== 1))];
  const inputs: Record<string, tf.Tensor> = { numbers: tf.tensor2d(numbers, [1, numbers.length]) };
  for (const [term, tensor] of terms) if (used.has(term)) inputs[inputName(term)] = tensor;
  return inputs;
}

const inputName = (term: Term): string => term.replace(' ', '');

/** What the recordings of two plans have in common exactly when one serves both. */
const structureOf = (plan: StepPlan): string =>
  `${plan.evaluations.length} | ${formsOf(plan).map((form) => [...form].map(([term, factor]) => (factor === 1 ? term : `* ${term}`)).join(' + ')).join(' | ')}`;

/** A step as a function of its tensors and numbers, so that one recording serves all steps of the same structure: most of those of a solver. */
const recordedStep = (denoiser: Denoiser, plan: StepPlan): TensorFunction => denoiser.recordings.of(`${denoiser.name}: ${structureOf(plan)}`, (inputs) => {
  const count = plan.evaluations.length;
  const { size } = denoiser.features;
  const forms = formsOf(plan);
  const factors = forms.reduce((total, form) => total + [...form.values()].filter((factor) => factor !== 1).length, 0);
  const numbers = tf.split(inputs['numbers']!, [...Array.from({ length: count }, () => [1, 1, size]).flat(), ...Array.from({ length: factors }, () => 1)], 1);
  const { classes, guidance } = inputs as Partial<Condition>;
  const condition = classes && { classes, ...(guidance && { guidance }) };
  let next = 3 * count;
  const answers: tf.Tensor[] = [];
  const tensorOf = (term: Term): tf.Tensor => (isAnswer(term) ? answers[Number(term.slice('x0 '.length))]! : inputs[inputName(term)]!);
  const total = (form: Form): tf.Tensor => [...form].map(([term, factor]) => (factor === 1 ? tensorOf(term) : tf.mul(tensorOf(term), numbers[next++]!))).reduce((a, b) => tf.add(a, b));
  for (let i = 0; i < count; i++) {
    const [alpha, sigma, embedding] = numbers.slice(3 * i, 3 * i + 3) as [tf.Tensor, tf.Tensor, tf.Tensor2D];
    answers.push(denoiser.x0(total(forms[i]!), { alpha, sigma, embedding, condition }));
  }
  return forms.slice(count).map(total);
});
