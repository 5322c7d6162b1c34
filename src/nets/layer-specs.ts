/**
 * The parameters of each kind of layer in `layers.ts`: weights are laid out as in TensorFlow (dense [in, out], convolution [height, width, in, out]), names as in
 * PyTorch (`weight`, `bias`). Loads no tfjs.
 */
import type { Init, ParameterSpec } from './parameters';

/** He-style scale for a layer that a SiLU follows or precedes; gain 0 makes a layer that starts at zero. */
const scaled = (fanIn: number, gain: number): Init => (gain === 0 ? { constant: 0 } : { normal: gain / Math.sqrt(fanIn) });

export const denseSpecs = (name: string, inputs: number, outputs: number, gain = 1): ParameterSpec[] => [
  { name: `${name}.weight`, shape: [inputs, outputs], init: scaled(inputs, gain) },
  { name: `${name}.bias`, shape: [outputs], init: { constant: 0 } },
];

export const convSpecs = (name: string, inputs: number, outputs: number, gain = 1, kernel: 1 | 3 = 3): ParameterSpec[] => [
  { name: `${name}.weight`, shape: [kernel, kernel, inputs, outputs], init: scaled(kernel * kernel * inputs, gain) },
  { name: `${name}.bias`, shape: [outputs], init: { constant: 0 } },
];

export const groupNormSpecs = (name: string, channels: number): ParameterSpec[] => [
  { name: `${name}.weight`, shape: [channels], init: { constant: 1 } },
  { name: `${name}.bias`, shape: [channels], init: { constant: 0 } },
];
