/**
 * Noise schedules of the forward process x_t = α(t) x_0 + σ(t) ε, most of them variance preserving: α² + σ² = 1.
 *
 *   λ = log(α/σ)              half the log signal-to-noise ratio
 *   drift f(t) = d log α/dt,  diffusionSquared g²(t) = dσ²/dt − 2 f σ², where variance is preserved −2 f     (Song et al. 2021, Kingma et al. 2021)
 */

import { alphaBars, type DiscreteScheduleConfig } from './discrete-schedule';

export type ScheduleConfig = { name: 'vp-linear' | 'sub-vp'; betaMin: number; betaMax: number } | { name: 'cosine' | 'flow' } | DiscreteScheduleConfig;

/** A moment of the forward process. */
export interface Level {
  readonly alpha: number;
  readonly sigma: number;
  readonly lambda: number;
}

export interface NoiseSchedule {
  readonly name: ScheduleConfig['name'];
  /** Time runs from 0 (data) to here (noise). */
  readonly tMax: number;
  readonly alpha: (t: number) => number;
  readonly sigma: (t: number) => number;
  readonly lambda: (t: number) => number;
  readonly drift: (t: number) => number;
  readonly diffusionSquared: (t: number) => number;
  /** The level of a λ: solvers that stop within a step choose it by λ, and networks are told λ, so that t need not be known. */
  readonly levelOf: (lambda: number) => Level;
  /** Of a schedule of training steps: their times, noisiest first. They are the fine grid. */
  readonly nodes?: Float64Array;
  /** The training step of a λ, a number between two of them where it lies between; by it such models tell the time. */
  readonly timestep?: (lambda: number) => number;
}

/** Those with α² + σ² = 1. On others v, which is the noise and the item turned by a right angle, does not give the item back. */
export const preservesVariance = (name: ScheduleConfig['name']): boolean => name !== 'sub-vp' && name !== 'flow';

/** log α and d log α/dt; where variance is preserved everything else follows. */
interface LogAlpha {
  name: ScheduleConfig['name'];
  tMax: number;
  logAlpha: (t: number) => number;
  drift: (t: number) => number;
  /** t of each training step, from the cleanest. */
  steps?: Float64Array;
  /** What does not follow. */
  other?: Pick<NoiseSchedule, 'sigma' | 'diffusionSquared' | 'levelOf'>;
}

/** β(t) = betaMin + t (betaMax − betaMin), log α = −½ ∫β (Song et al. 2021, VP SDE). */
function vpLinear(betaMin: number, betaMax: number): LogAlpha {
  return {
    name: 'vp-linear',
    tMax: 1,
    logAlpha: (t) => -0.25 * t * t * (betaMax - betaMin) - 0.5 * t * betaMin,
    drift: (t) => -0.5 * (betaMin + t * (betaMax - betaMin)),
  };
}

/** α = cos((t + s)/(1 + s) π/2) / cos(s/(1 + s) π/2), s = 0.008 (Nichol and Dhariwal 2021); tMax of DPM-Solver (Lu et al. 2022). */
function cosine(): LogAlpha {
  const s = 0.008;
  const rate = Math.PI / 2 / (1 + s);
  const start = Math.log(Math.cos(s * rate));
  return {
    name: 'cosine',
    tMax: 0.9946,
    logAlpha: (t) => Math.log(Math.cos((t + s) * rate)) - start,
    drift: (t) => -rate * Math.tan((t + s) * rate),
  };
}

/** The sub-VP SDE (Song et al. 2021, eq. 29): the α of vp-linear, σ = 1 − α². */
function subVp(betaMin: number, betaMax: number): LogAlpha {
  const { logAlpha, drift } = vpLinear(betaMin, betaMax);
  return {
    name: 'sub-vp', tMax: 1, logAlpha, drift,
    other: {
      sigma: (t) => -Math.expm1(2 * logAlpha(t)),
      diffusionSquared: (t) => 2 * drift(t) * Math.expm1(4 * logAlpha(t)),
      levelOf(lambda) {
        const ratio = Math.exp(-lambda); // σ/α, so that α² + ratio α = 1
        const alpha = 2 / (ratio + Math.sqrt(ratio * ratio + 4));
        return { alpha, sigma: alpha * ratio, lambda };
      },
    },
  };
}

/** Flow matching along straight lines (Lipman et al., arXiv 2210.02747; rectified flow, Liu et al., arXiv 2209.03003): α = 1 − t, σ = t. At t = 1 λ would be infinite. */
function flow(): LogAlpha {
  return {
    name: 'flow', tMax: 0.999, logAlpha: (t) => Math.log1p(-t), drift: (t) => -1 / (1 - t),
    other: {
      sigma: (t) => t,
      diffusionSquared: (t) => (2 * t) / (1 - t),
      levelOf: (lambda) => ({ alpha: 1 / (1 + Math.exp(-lambda)), sigma: 1 / (1 + Math.exp(lambda)), lambda }),
    },
  };
}

/** Training step i is at t = (i + 1)/T; between two of them log α is a straight line, as in DPM-Solver's schedule (Lu et al., arXiv 2206.00927, appendix D.4). */
function discrete(config: DiscreteScheduleConfig): LogAlpha {
  const logAlphas = alphaBars(config).map((bar) => 0.5 * Math.log(bar));
  const count = logAlphas.length;
  const below = (t: number): number => Math.min(count - 2, Math.max(0, Math.ceil(t * count - 1e-9) - 2));
  const slope = (i: number): number => (logAlphas[i + 1]! - logAlphas[i]!) * count;
  return {
    name: 'discrete',
    tMax: 1,
    logAlpha(t) {
      const i = below(t);
      return logAlphas[i]! + slope(i) * (t - (i + 1) / count);
    },
    drift: (t) => slope(below(t)),
    steps: Float64Array.from(logAlphas, (_, i) => (i + 1) / count),
  };
}

/** The schedule that a configuration names. */
export function createSchedule(config: ScheduleConfig): NoiseSchedule {
  const { name, tMax, logAlpha, drift, steps, other } = logAlphaOf(config);
  const sigma = other?.sigma ?? ((t: number) => Math.sqrt(-Math.expm1(2 * logAlpha(t)))); // expm1: σ near t = 0 without cancellation
  const lambda = (t: number) => logAlpha(t) - Math.log(sigma(t));
  return {
    name,
    tMax,
    alpha: (t) => Math.exp(logAlpha(t)),
    sigma,
    lambda,
    drift,
    diffusionSquared: (t) => -2 * drift(t),
    levelOf: (lambda) => ({ alpha: 1 / Math.sqrt(1 + Math.exp(-2 * lambda)), sigma: 1 / Math.sqrt(1 + Math.exp(2 * lambda)), lambda }),
    ...other,
    ...(steps ? { nodes: steps.slice().reverse(), timestep: timestepIn(steps.map(lambda)) } : {}),
  };
}

function logAlphaOf(config: ScheduleConfig): LogAlpha {
  switch (config.name) {
    case 'vp-linear': return vpLinear(config.betaMin, config.betaMax);
    case 'cosine': return cosine();
    case 'sub-vp': return subVp(config.betaMin, config.betaMax);
    case 'flow': return flow();
    case 'discrete': return discrete(config);
  }
}

/** The place of a number among falling ones: its index, a fraction between two; the ends beyond them. */
function timestepIn(lambdas: Float64Array): (lambda: number) => number {
  return (lambda) => {
    let [low, high] = [0, lambdas.length - 1];
    if (lambda >= lambdas[low]!) return low;
    if (lambda <= lambdas[high]!) return high;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (lambdas[middle]! >= lambda) low = middle;
      else high = middle;
    }
    const step = low + (lambdas[low]! - lambda) / (lambdas[low]! - lambdas[high]!);
    // A node's own λ gives its index whatever the rounding.
    return Math.abs(step - Math.round(step)) < 1e-9 ? Math.round(step) : step;
  };
}
