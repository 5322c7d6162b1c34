/**
 * Noise schedules of the forward process x_t = α(t) x_0 + σ(t) ε, variance preserving: α² + σ² = 1.
 *
 *   λ = log(α/σ)              half the log signal-to-noise ratio
 *   drift f(t) = d log α/dt,  diffusionSquared g²(t) = dσ²/dt − 2 f σ² = −2 f     (Song et al. 2021, Kingma et al. 2021)
 */

export type ScheduleConfig = { name: 'vp-linear'; betaMin: number; betaMax: number } | { name: 'cosine' };

export interface NoiseSchedule {
  readonly name: ScheduleConfig['name'];
  /** Time runs from 0 (data) to here (noise). */
  readonly tMax: number;
  readonly alpha: (t: number) => number;
  readonly sigma: (t: number) => number;
  readonly lambda: (t: number) => number;
  readonly drift: (t: number) => number;
  readonly diffusionSquared: (t: number) => number;
}

/** log α and d log α/dt; everything else follows. */
interface LogAlpha {
  name: ScheduleConfig['name'];
  tMax: number;
  logAlpha: (t: number) => number;
  drift: (t: number) => number;
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

/** The schedule that a configuration names. */
export function createSchedule(config: ScheduleConfig): NoiseSchedule {
  const { name, tMax, logAlpha, drift } = config.name === 'vp-linear' ? vpLinear(config.betaMin, config.betaMax) : cosine();
  const sigma = (t: number) => Math.sqrt(-Math.expm1(2 * logAlpha(t))); // expm1: σ near t = 0 without cancellation
  return {
    name,
    tMax,
    alpha: (t) => Math.exp(logAlpha(t)),
    sigma,
    lambda: (t) => logAlpha(t) - Math.log(sigma(t)),
    drift,
    diffusionSquared: (t) => -2 * drift(t),
  };
}
