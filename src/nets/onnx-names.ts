/** How a network that is an ONNX file is described, without loading tfjs: the command line checks and lists it. */
/**
 * index: of a training step; t: the schedule's time, 0 at the data; sigma: the noise level; c-noise: EDM's log(sigma / alpha) / 4; log-snr: log(alpha² / sigma²); embedding: the features of
 * our own networks.
 */
export const ONNX_TIMES = ['index', 't', 'sigma', 'c-noise', 'log-snr', 'embedding'] as const;
export type OnnxTime = (typeof ONNX_TIMES)[number];
export const ONNX_LAYOUTS = ['nchw', 'nhwc'] as const;
export type OnnxLayout = (typeof ONNX_LAYOUTS)[number];

export interface OnnxNetConfig {
  readonly kind: 'onnx';
  /** Names of the file's inputs; alpha and sigma where it has them. */
  readonly inputs: { readonly x: string; readonly time: string; readonly alpha?: string | undefined; readonly sigma?: string | undefined };
  readonly output: string;
  /** What the time input is told. */
  readonly time: OnnxTime;
  /** Where images have their channels; of no matter for vectors. */
  readonly layout: OnnxLayout;
}
