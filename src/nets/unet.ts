import { SigdegError } from '../core/errors';
import * as tf from '../runtime/tf';
import { lambdaFeatures } from './embedding';
import { convSpecs, denseSpecs, groupNormSpecs } from './layer-specs';
import { convolve, dense, groupNorm, pixelShuffle, pixelUnshuffle, silu } from './layers';
import type { Net, NetPorts } from './net';
import type { ParameterSpec, Weights } from './parameters';

export interface UnetConfig {
  readonly kind: 'unet';
  /** Channels of each resolution, finest first. */
  readonly channels: readonly number[];
  /** Residual blocks a resolution, on the way down and again on the way up. */
  readonly blocks: number;
  /** Self-attention in the middle. */
  readonly attention: boolean;
  /** Space-to-depth at the input (and back at the output): 2 makes 28×28 pixels a 14×14 grid of 2×2 patches, a quarter of the work. */
  readonly patch: 1 | 2 | 4;
}

const FEATURES = lambdaFeatures(6);
const GROUPS = 8;

/**
 * A small U-Net (Ronneberger et al., arXiv 1505.04597, in the form of DDPM, arXiv 2006.11239) with additive skips: cheap enough to train on a CPU.
 * Residual blocks are GroupNorm–SiLU–convolution twice, scaled and shifted by the time embedding; a resolution is halved by space-to-depth with a
 * dense layer and doubled by its inverse. Parameter names follow the `diffusers` library.
 */
export function createUnet(config: UnetConfig, ports: NetPorts, itemShape: readonly number[]): Net {
  const { channels, blocks, attention, patch } = config;
  const levels = channels.length;
  const divisor = patch * 2 ** (levels - 1);
  const [height = 0, width = 0] = itemShape;
  if (itemShape.length !== 3 || height % divisor !== 0 || width % divisor !== 0) {
    throw new SigdegError('UNSUPPORTED', `a U-Net of ${levels} resolutions with patch ${patch} needs images whose sides are multiples of ${divisor}; the data's items are [${itemShape.join(', ')}]: use fewer channels entries or another patch`);
  }
  const odd = channels.find((c) => c % GROUPS !== 0);
  if (odd !== undefined) throw new SigdegError('UNSUPPORTED', `a U-Net's channels must be multiples of ${GROUPS} (its group normalisation), found ${odd}`);

  const top = channels[0]!;
  const deepest = channels[levels - 1]!;
  const time = 2 * top;
  const area = patch * patch;
  const resnets = (place: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${place}.resnets.${i}`);
  const specs: ParameterSpec[] = [
    ...denseSpecs('time_embedding.linear_1', ports.lambdas * FEATURES.size + (ports.told ?? 0), time),
    ...denseSpecs('time_embedding.linear_2', time, time),
    ...convSpecs('conv_in', area * ports.inputs.reduce((a, b) => a + b, 0), top),
    ...channels.flatMap((c, i) => [
      ...resnets(`down_blocks.${i}`, blocks).flatMap((name) => resnetSpecs(name, c, time)),
      ...(i + 1 < levels ? denseSpecs(`down_blocks.${i}.downsamplers.0`, 4 * c, channels[i + 1]!) : []),
    ]),
    ...resnetSpecs('mid_block.resnets.0', deepest, time),
    ...(attention ? attentionSpecs('mid_block.attentions.0', deepest) : []),
    ...channels.flatMap((c, i) => [
      ...resnets(`up_blocks.${i}`, blocks).flatMap((name) => resnetSpecs(name, c, time)),
      ...(i > 0 ? denseSpecs(`up_blocks.${i}.upsamplers.0`, c, 4 * channels[i - 1]!) : []),
    ]),
    ...groupNormSpecs('conv_norm_out', top),
    ...convSpecs('conv_out', top, area * ports.outputs, 0),
  ];

  /** The way down and the middle. */
  const encode = (w: Weights, inputs: readonly tf.Tensor[], embedding: tf.Tensor2D): { e: tf.Tensor; skips: tf.Tensor4D[]; middle: tf.Tensor4D } => {
    const e = silu(dense(w, 'time_embedding.linear_2', silu(dense(w, 'time_embedding.linear_1', embedding))));
    const patches = inputs.map((input) => pixelUnshuffle(input as tf.Tensor4D, patch));
    let h = convolve(w, 'conv_in', patches.length === 1 ? patches[0]! : tf.concat4d(patches, 3));
    const skips: tf.Tensor4D[] = [];
    for (let i = 0; i < levels; i++) {
      for (const name of resnets(`down_blocks.${i}`, blocks)) h = resnet(w, name, h, e);
      skips.push(h);
      if (i + 1 < levels) h = dense(w, `down_blocks.${i}.downsamplers.0`, pixelUnshuffle(h, 2)) as tf.Tensor4D;
    }
    h = resnet(w, 'mid_block.resnets.0', h, e);
    return { e, skips, middle: attention ? selfAttention(w, 'mid_block.attentions.0', h) : h };
  };

  return {
    features: FEATURES,
    specs,
    middle: (w, inputs, embedding) => encode(w, inputs, embedding).middle,
    apply(w, inputs, embedding) {
      const { e, skips, middle } = encode(w, inputs, embedding);
      let h = middle;
      for (let i = levels - 1; i >= 0; i--) {
        h = tf.add(h, skips[i]!);
        for (const name of resnets(`up_blocks.${i}`, blocks)) h = resnet(w, name, h, e);
        if (i > 0) h = pixelShuffle(dense(w, `up_blocks.${i}.upsamplers.0`, h) as tf.Tensor4D, 2);
      }
      return pixelShuffle(convolve(w, 'conv_out', silu(groupNorm(w, 'conv_norm_out', h, GROUPS))), patch);
    },
  };
}

function resnetSpecs(name: string, channels: number, time: number): ParameterSpec[] {
  return [
    ...groupNormSpecs(`${name}.norm1`, channels),
    ...convSpecs(`${name}.conv1`, channels, channels),
    ...denseSpecs(`${name}.time_emb_proj`, time, 2 * channels),
    ...groupNormSpecs(`${name}.norm2`, channels),
    ...convSpecs(`${name}.conv2`, channels, channels, 0.1),
  ];
}

function resnet(w: Weights, name: string, x: tf.Tensor4D, e: tf.Tensor): tf.Tensor4D {
  const hidden = convolve(w, `${name}.conv1`, silu(groupNorm(w, `${name}.norm1`, x, GROUPS)));
  const [scale, shift] = tf.split(dense(w, `${name}.time_emb_proj`, e), 2, 1) as [tf.Tensor, tf.Tensor];
  return tf.add(x, convolve(w, `${name}.conv2`, silu(groupNorm(w, `${name}.norm2`, hidden, GROUPS, { scale, shift }))));
}

function attentionSpecs(name: string, channels: number): ParameterSpec[] {
  return [
    ...groupNormSpecs(`${name}.group_norm`, channels),
    ...['to_q', 'to_k', 'to_v'].flatMap((part) => denseSpecs(`${name}.${part}`, channels, channels)),
    ...denseSpecs(`${name}.to_out.0`, channels, channels, 0),
  ];
}

/** One head of self-attention over all pixels (Vaswani et al., arXiv 1706.03762), with its residual. */
function selfAttention(w: Weights, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const h = tf.reshape(groupNorm(w, `${name}.group_norm`, x, GROUPS), [batch, height * width, channels]);
  const [q, k, v] = ['to_q', 'to_k', 'to_v'].map((part) => dense(w, `${name}.${part}`, h)) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  const attention = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(channels)));
  return tf.add(x, tf.reshape(dense(w, `${name}.to_out.0`, tf.matMul(attention, v)), x.shape));
}
