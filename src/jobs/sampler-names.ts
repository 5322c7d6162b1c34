/** What samplers are called, for whoever offers them without computing anything. */
export { SAMPLER_NAMES } from '../diffusion/samplers/names';
