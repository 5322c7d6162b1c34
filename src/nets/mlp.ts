import { fusedDense } from '../runtime/fused';
import * as tf from '../runtime/tf';
import { lambdaFeatures } from './embedding';
import { denseSpecs } from './layer-specs';
import { affine, dense, silu } from './layers';
import type { Net, NetPorts } from './net';
import type { ParameterSpec, Weights } from './parameters';

export interface MlpConfig {
  readonly kind: 'mlp';
  /** Units of every hidden layer. */
  readonly width: number;
  /** Residual blocks. */
  readonly blocks: number;
}

const FEATURES = lambdaFeatures(4);

/**
 * A residual SiLU network on vectors: h = silu(x W + e U + b), then `blocks` times h += silu(h W + e U + b), then a dense output that starts at zero.
 * The time embedding e enters inside every block.
 */
export function createMlp(config: MlpConfig, ports: NetPorts): Net {
  const { width, blocks } = config;
  const embedding = ports.lambdas * FEATURES.size + (ports.told ?? 0);
  const layer = (name: string, inputs: number): ParameterSpec[] => [
    ...denseSpecs(name, inputs, width),
    { name: `${name}.time.weight`, shape: [embedding, width], init: { normal: 1 / Math.sqrt(embedding) } },
  ];
  const names = Array.from({ length: blocks }, (_, i) => `blocks.${i}`);
  return {
    features: FEATURES,
    specs: [
      ...layer('input', ports.inputs.reduce((a, b) => a + b, 0)),
      ...names.flatMap((name) => layer(name, width)),
      ...denseSpecs('output', width, ports.outputs, 0),
    ],
    apply(w, inputs, e) {
      const x = (inputs.length === 1 ? inputs[0]! : tf.concat([...inputs], -1)) as tf.Tensor2D;
      let h = conditioned(w, 'input', x, e, false);
      for (const name of names) h = conditioned(w, name, h, e, true);
      return dense(w, 'output', h);
    },
  };
}

/** silu(x W + e U + b), plus x if residual. One time for the whole batch makes e U a part of the bias. */
function conditioned(w: Weights, name: string, x: tf.Tensor2D, e: tf.Tensor2D, residual: boolean): tf.Tensor2D {
  const weight = w(`${name}.weight`) as tf.Tensor2D;
  const bias = w(`${name}.bias`) as tf.Tensor1D;
  const time = w(`${name}.time.weight`) as tf.Tensor2D;
  const fused = fusedDense({ x, weight, bias, time: { features: e, weight: time }, silu: true, residual });
  if (fused) return fused;
  const y: tf.Tensor2D = e.shape[0] === 1
    ? silu(affine(x, weight, tf.reshape(affine(e, time, bias), [-1])))
    : silu(tf.add(affine(x, weight, bias), tf.matMul(e, time)));
  return residual ? tf.add(x, y) : y;
}
