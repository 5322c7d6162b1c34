/**
 * Noise schedules of the forward process x_t = α(t) x_0 + σ(t) ε, most of them variance preserving: α² + σ² = 1.
 *
 *   λ = log(α/σ)              half the log signal-to-noise ratio
 *   drift f(t) = d log α/dt,  diffusionSquared g²(t) = dσ²/dt − 2 f σ², where variance is preserved −2 f     (Song et al. 2021, Kingma et al. 2021)
 */

import { alphaBars, type DiscreteScheduleConfig } from './discrete-schedule';
import { SigdegError } from './errors';

/** Schedules in continuous time. */
export const CONTINUOUS_SCHEDULES = ['vp-linear', 'cosine', 'sub-vp', 'flow', 've', 'edm'] as const;

/** α = 1 while σ grows; what is left out is as in `EXPLODING_DEFAULTS`. */
export interface ExplodingScheduleConfig {
  readonly name: 've' | 'edm';
  readonly sigmaMin?: number | undefined;
  readonly sigmaMax?: number | undefined;
  /** The data's standard deviation, by which networks are told the state at unit variance. */
  readonly sigmaData?: number | undefined;
}

export type ScheduleConfig = { name: 'vp-linear' | 'sub-vp'; betaMin: number; betaMax: number } | { name: 'cosine' | 'flow' } | ExplodingScheduleConfig | DiscreteScheduleConfig;

/** Of VE Song et al. 2021, appendix C (images of 32 pixels); of EDM, and σ_data of both, Karras et al., arXiv 2206.00364, table 1. */
export const EXPLODING_DEFAULTS = { ve: { sigmaMin: 0.01, sigmaMax: 50, sigmaData: 0.5 }, edm: { sigmaMin: 0.002, sigmaMax: 80, sigmaData: 0.5 } } as const;

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
  /** The training step of a λ, a number between two of them where it lies between; by it such models tell the time. Of EDM c_noise, which stands in its place. */
  readonly timestep?: (lambda: number) => number;
  /** Where time ends on the way to the data, of schedules that say so themselves. */
  readonly tMin?: number;
  /** The fine grid lies evenly in t^(1/rho) where it does not in the root of t. */
  readonly rho?: number;
  /** Of schedules whose state grows with the noise: the data's standard deviation. */
  readonly sigmaData?: number;
  /** The λ at which a teacher is trained, normally distributed, where they are not drawn in t. */
  readonly trainingLambda?: { readonly mean: number; readonly deviation: number };
}

/** Those with α = 1, whose state grows with the noise. */
export const explodes = (name: ScheduleConfig['name']): name is ExplodingScheduleConfig['name'] => name === 've' || name === 'edm';

/** Those with α² + σ² = 1. On others v, which is the noise and the item turned by a right angle, does not give the item back. */
export const preservesVariance = (name: ScheduleConfig['name']): boolean => name !== 'sub-vp' && name !== 'flow' && !explodes(name);

/** log α and d log α/dt; where variance is preserved everything else follows. */
interface LogAlpha {
  name: ScheduleConfig['name'];
  tMax: number;
  logAlpha: (t: number) => number;
  drift: (t: number) => number;
  /** t of each training step, from the cleanest. */
  steps?: Float64Array;
  /** What does not follow. */
  other?: Pick<NoiseSchedule, 'sigma' | 'diffusionSquared' | 'levelOf'> & Partial<NoiseSchedule>;
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

/** What schedules with α = 1 share. @throws SigdegError UNSUPPORTED when σ does not grow */
function exploding(config: ExplodingScheduleConfig): { alphaOne: Pick<LogAlpha, 'name' | 'logAlpha' | 'drift'>; levelOf: NoiseSchedule['levelOf'] } & Record<'sigmaMin' | 'sigmaMax' | 'sigmaData', number> {
  const usual = EXPLODING_DEFAULTS[config.name];
  const { sigmaMin = usual.sigmaMin, sigmaMax = usual.sigmaMax, sigmaData = usual.sigmaData } = config;
  if (!(sigmaMax > sigmaMin)) throw new SigdegError('UNSUPPORTED', `schedule ${config.name}: expected sigmaMax above sigmaMin (${sigmaMin}), found ${sigmaMax}`);
  return { alphaOne: { name: config.name, logAlpha: () => 0, drift: () => 0 }, levelOf: (lambda) => ({ alpha: 1, sigma: Math.exp(-lambda), lambda }), sigmaMin, sigmaMax, sigmaData };
}

/** The VE SDE (Song et al. 2021, eq. 30): α = 1, σ = σ_min (σ_max/σ_min)^t. */
function ve(config: ExplodingScheduleConfig): LogAlpha {
  const { alphaOne, levelOf, sigmaMin, sigmaMax, sigmaData } = exploding(config);
  const rate = Math.log(sigmaMax / sigmaMin);
  const sigma = (t: number): number => sigmaMin * Math.exp(rate * t);
  return { ...alphaOne, tMax: 1, other: { sigma, diffusionSquared: (t) => 2 * rate * sigma(t) ** 2, levelOf, sigmaData } };
}

/**
 * EDM (Karras et al., arXiv 2206.00364, table 1): α = 1, σ = t from σ_max to σ_min, steps even in σ^(1/7), a network told c_noise = ¼ log σ, and log σ in training
 * N(P_mean, P_std²) = N(−1.2, 1.2²), which was found for σ_data = 0.5 and moves with it.
 */
function edm(config: ExplodingScheduleConfig): LogAlpha {
  const { alphaOne, levelOf, sigmaMin, sigmaMax, sigmaData } = exploding(config);
  return {
    ...alphaOne, tMax: sigmaMax,
    other: {
      sigma: (t) => t, diffusionSquared: (t) => 2 * t, levelOf, sigmaData,
      tMin: sigmaMin, rho: 7, timestep: (lambda) => -lambda / 4,
      trainingLambda: { mean: 1.2 - Math.log(sigmaData / EXPLODING_DEFAULTS.edm.sigmaData), deviation: 1.2 },
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
    case 've': return ve(config);
    case 'edm': return edm(config);
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
