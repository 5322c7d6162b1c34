/**
 * Schedules of models that were trained at a fixed number of noise levels: beta_0 … beta_{T−1}, and alphaBar_i = ∏_{k ≤ i} (1 − beta_k), α_i = √alphaBar_i
 * (Ho et al., arXiv 2006.11239). The betas are those of the library diffusers, rounded to float32 where it rounds, since a model saw exactly these levels.
 */
import { SigdegError } from './errors';

export const BETA_SCHEDULES = ['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid'] as const;
export type BetaSchedule = (typeof BETA_SCHEDULES)[number];

export interface DiscreteScheduleConfig {
  readonly name: 'discrete';
  /** How beta goes from betaStart to betaEnd, or all betas. */
  readonly betas: BetaSchedule | readonly number[];
  readonly betaStart: number;
  readonly betaEnd: number;
  /** T. */
  readonly trainSteps: number;
  /** Scaled so that the last level is noise alone (Lin et al., arXiv 2305.08891, algorithm 1). */
  readonly zeroTerminalSnr: boolean;
}

const { fround } = Math;
/** Noise alone has no finite log-SNR: diffusers' solvers take this in its place. The level before may lie below it. */
const NEARLY_NOISE = 2 ** -24;

/** alphaBar_0 … alphaBar_{T−1}, falling. @throws SigdegError UNSUPPORTED when the betas are no schedule. */
export function alphaBars(config: DiscreteScheduleConfig): Float64Array {
  const betas = betasOf(config);
  const bad = betas.findIndex((beta) => !(beta > 0 && beta < 1));
  if (bad >= 0 || betas.length < 2) {
    throw new SigdegError('UNSUPPORTED', betas.length < 2 ? `schedule: expected at least 2 training steps, found ${betas.length}` : `schedule: expected every beta between 0 and 1, found beta ${bad} = ${betas[bad]!}`);
  }
  const cumulated = prefixProducts(betas.map((beta) => fround(1 - beta))).map(fround);
  const bars = config.zeroTerminalSnr ? zeroTerminal(cumulated) : cumulated;
  const levels = bars.map((bar, i) => (bar > 0 ? bar : Math.min(NEARLY_NOISE, bars[i - 1]! / 4)));
  const flat = levels.findIndex((bar, i) => i > 0 && !(bar < levels[i - 1]!));
  if (flat >= 0) throw new SigdegError('UNSUPPORTED', `schedule: expected every training step noisier than the one before, found steps ${flat - 1} and ${flat} alike: a float32 cannot tell them apart`);
  return levels;
}

/** Where the root of alphaBar is shifted to end at zero and scaled to begin where it did. */
function zeroTerminal(bars: Float64Array): Float64Array {
  const roots = bars.map((bar) => fround(Math.sqrt(bar)));
  const [first, last] = [roots[0]!, roots.at(-1)!];
  const factor = fround(first / fround(first - last));
  const squares = roots.map((root) => fround(fround(fround(root - last) * factor) ** 2));
  // By way of the betas, as in diffusers, whose ratios are rounded, too.
  return prefixProducts(squares.map((square, i) => fround(1 - fround(1 - (i === 0 ? square : fround(square / squares[i - 1]!)))))).map(fround);
}

function betasOf({ betas, betaStart, betaEnd, trainSteps }: DiscreteScheduleConfig): Float64Array {
  switch (betas) {
    case 'linear':
      return evenly(betaStart, betaEnd, trainSteps);
    case 'scaled_linear':
      return evenly(Math.sqrt(betaStart), Math.sqrt(betaEnd), trainSteps).map((root) => fround(root * root));
    case 'sigmoid':
      return evenly(-6, 6, trainSteps).map((x) => fround(fround(fround(1 / (1 + Math.exp(-x))) * fround(betaEnd - betaStart)) + fround(betaStart)));
    case 'squaredcos_cap_v2': {
      // Nichol & Dhariwal, arXiv 2102.09672, with beta kept below 1.
      const bar = (t: number): number => Math.cos(((t + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
      return Float64Array.from({ length: trainSteps }, (_, i) => fround(Math.min(1 - bar((i + 1) / trainSteps) / bar(i / trainSteps), 0.999)));
    }
    default:
      return Float64Array.from(betas, fround);
  }
}

/** `count` numbers from start to end in float32, counted from the nearer end as PyTorch does. */
function evenly(start: number, end: number, count: number): Float64Array {
  const [from, to] = [fround(start), fround(end)];
  const step = fround(fround(to - from) / fround(count - 1));
  return Float64Array.from({ length: count }, (_, i) => (i < count / 2 ? fround(from + fround(step * i)) : fround(to - fround(step * (count - i - 1)))));
}

function prefixProducts(factors: Float64Array): Float64Array {
  let product = 1;
  return factors.map((factor) => (product *= factor));
}
