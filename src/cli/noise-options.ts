/** --eta and --churn: how much noise a noisy sampler takes. */
import { SigdegError } from '../core/errors';
import { amount } from './globals';
import { NOISE_SETTINGS, SAMPLERS, SAMPLER_NAMES, type NoiseAmounts, type NoiseSetting, type SamplerName } from '../diffusion/samplers/names';

const NAMES = Object.keys(NOISE_SETTINGS) as NoiseSetting[];
/** The sampler without noise beside the one that has the setting. */
const QUIET: Readonly<Record<NoiseSetting, SamplerName>> = { eta: 'ddim', churn: 'heun' };
const owner = (name: NoiseSetting): SamplerName => SAMPLER_NAMES.find((sampler) => SAMPLERS[sampler].settings.includes(name))!;

type Given = Readonly<Partial<Record<NoiseSetting, string>>>;

/** @throws SigdegError BAD_USAGE */
export const amountOf = (name: NoiseSetting, text: string): number => amount(`--${name}`, text, NOISE_SETTINGS[name].most);

/** The sampler with what was asked for: `ddim` with an eta is `ddim-eta`, `heun` with a churn `heun-churn`. @throws SigdegError BAD_USAGE for another sampler. */
export function noisy(sampler: SamplerName, given: Given): NoiseAmounts & { sampler: SamplerName } {
  const [name, other] = NAMES.filter((each) => given[each] !== undefined);
  if (name === undefined) return { sampler };
  const misplaced = [name, other].find((each) => each !== undefined && sampler !== owner(each) && sampler !== QUIET[each]);
  if (misplaced !== undefined) throw new SigdegError('BAD_USAGE', `--${misplaced} is of the sampler ${owner(misplaced)}, and ${sampler} has none: leave it away, or name that sampler`);
  return { sampler: owner(name), [name]: amountOf(name, given[name]!) };
}

/** @throws SigdegError BAD_USAGE where a setting was named and the sampler that has it was not */
export function checkNoisySamplers(samplers: readonly SamplerName[], given: Given): void {
  const idle = NAMES.find((name) => given[name] !== undefined && !samplers.includes(owner(name)));
  if (idle !== undefined) throw new SigdegError('BAD_USAGE', `--${idle} is of the sampler ${owner(idle)}, which is not among --samplers: add it, or leave --${idle} away`);
}
