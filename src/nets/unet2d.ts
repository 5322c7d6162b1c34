import { SigdegError } from '../core/errors';
import * as tf from '../runtime/tf';
import { ACTIVATION } from './activations';
import { averagePool, convolve, dense, groupNorm, silu, upsample } from './layers';
import type { Net, NetPorts } from './net';
import type { Weights } from './parameters';
import { downLevels, hasClasses, midAttentionGroups, upLevels, type Unet2dArchitecture, type Unet2dConfig } from './unet2d-config';
import { innerChannels, unet2dSpecs } from './unet2d-specs';
import { classProjection, fourier, timestepFeatures } from './unet2d-time';

/**
 * diffusers' UNet2DModel (version 0.42, `models/unets/unet_2d.py`), channels last. Its time is the index of a training step, so it needs a schedule that has
 * such. As a student it takes the signature as further input channels and the step's end as a second time; both have no influence while their weights are zero.
 */
export function createUnet2d({ architecture: a, classLabel }: Unet2dConfig, ports: NetPorts, itemShape: readonly number[]): Net {
  const [height, width] = a.sample_size;
  if (itemShape.length !== 3 || itemShape[0] !== height || itemShape[1] !== width || itemShape[2] !== a.in_channels) {
    throw new SigdegError('UNSUPPORTED', `this UNet2DModel draws items [${height}, ${width}, ${a.in_channels}], the data's are [${itemShape.join(', ')}]: use data of its shape`);
  }
  if (ports.timestep === undefined) throw new SigdegError('UNSUPPORTED', 'a UNet2DModel tells the time by training steps: it needs a discrete schedule or that of EDM, which an imported teacher brings');
  if (hasClasses(a) && classLabel === undefined) throw new SigdegError('UNSUPPORTED', 'this UNet2DModel draws classes: say which with --class');
  const features = timestepFeatures(a, ports.timestep);
  const act = ACTIVATION[a.act_fn];
  const [down, up] = [downLevels(a), upLevels(a)];

  /** The way down and the middle. */
  const encode = (w: Weights, inputs: readonly tf.Tensor[], embedding: tf.Tensor2D): { block: Block; skips: tf.Tensor4D[]; middle: tf.Tensor4D } => {
    const e = act(timeEmbedding(w, a, embedding, classLabel));
    const [state, ...others] = inputs as tf.Tensor4D[];
    const centred: tf.Tensor4D = a.center_input_sample ? tf.sub(tf.mul(state!, 2), 1) : state!;
    const block: Block = (name, x, resample, scale = 1) => resnet(w, name, a, x, e, resample, scale);

    let h = convolve(w, 'conv_in', others.length === 0 ? centred : tf.concat4d([centred, ...others], 3));
    const skips = [h];
    for (const { name, resnets, attention, resample } of down) {
      for (const k of resnets.keys()) {
        h = block(`${name}.resnets.${k}`, h);
        if (attention) h = selfAttention(w, `${name}.attentions.${k}`, a, h, a.norm_num_groups, 1);
        skips.push(h);
      }
      if (resample === null) continue;
      h = resample === 'conv' ? downsample(w, `${name}.downsamplers.0.conv`, h, a.downsample_padding) : block(`${name}.downsamplers.0`, h, averagePool);
      skips.push(h);
    }
    if (a.mid_block_type !== null) {
      const scale = a.mid_block_scale_factor;
      h = block('mid_block.resnets.0', h, undefined, scale);
      if (a.add_attention) h = selfAttention(w, 'mid_block.attentions.0', a, h, midAttentionGroups(a), scale);
      h = block('mid_block.resnets.1', h, undefined, scale);
    }
    return { block, skips, middle: h };
  };

  return {
    features,
    specs: unet2dSpecs(a, { inputs: ports.inputs.reduce((x, y) => x + y, 0), outputs: ports.outputs, times: ports.lambdas }),
    middle: (w, inputs, embedding) => encode(w, inputs, embedding).middle,
    apply(w, inputs, embedding) {
      const { block, skips, middle } = encode(w, inputs, embedding);
      let h = middle;
      for (const { name, resnets, attention, resample } of up) {
        for (const k of resnets.keys()) {
          h = block(`${name}.resnets.${k}`, tf.concat4d([h, skips.pop()!], 3));
          if (attention) h = selfAttention(w, `${name}.attentions.${k}`, a, h, a.norm_num_groups, 1);
        }
        if (resample !== null) h = resample === 'conv' ? convolve(w, `${name}.upsamplers.0.conv`, upsample(h)) : block(`${name}.upsamplers.0`, h, upsample);
      }
      const out = convolve(w, 'conv_out', silu(groupNorm(w, 'conv_norm_out', h, a.norm_num_groups, { epsilon: a.norm_eps })));
      // The noise levels of diffusers' Fourier models are standard deviations, by which their outputs are divided.
      return a.time_embedding_type === 'fourier' ? tf.div(out, tf.reshape(tf.slice(embedding, [0, 0], [embedding.shape[0], 1]), [-1, 1, 1, 1])) : out;
    },
  };
}

/** A residual block by its name. */
type Block = (name: string, x: tf.Tensor4D, resample?: (x: tf.Tensor4D) => tf.Tensor4D, scale?: number) => tf.Tensor4D;

/** The embedding of time and class [rows, time dimension], before the activation. `features`: the net's own, of one time or (a student) two. */
export function timeEmbedding(w: Weights, a: Unet2dArchitecture, features: tf.Tensor2D, classLabel: number | undefined): tf.Tensor {
  const mlp = (name: string, x: tf.Tensor): tf.Tensor => dense(w, `${name}.linear_2`, silu(dense(w, `${name}.linear_1`, x)));
  const rows = features.shape[0];
  const projected = a.time_embedding_type === 'positional'
    ? features
    : tf.concat2d(Array.from({ length: features.shape[1] / 2 }, (_, k) => fourier(w, tf.slice(features, [0, 2 * k + 1], [rows, 1]))), 1);
  const time = mlp('time_embedding', projected);
  if (a.class_embed_type === 'timestep') return tf.add(time, mlp('class_embedding', classProjection(w, a, classLabel!)));
  if (a.num_class_embeds === null) return time;
  const table = w('class_embedding.weight');
  return tf.add(time, tf.slice(table, [classLabel!, 0], [1, table.shape[1]!]));
}

/** GroupNorm–activation–convolution twice with the time between, beside a shortcut; both ways are resampled before the first convolution. */
function resnet(w: Weights, name: string, a: Unet2dArchitecture, x: tf.Tensor4D, e: tf.Tensor, resample: ((x: tf.Tensor4D) => tf.Tensor4D) | undefined, scale: number): tf.Tensor4D {
  const act = ACTIVATION[a.act_fn];
  const [groups, epsilon] = [a.norm_num_groups, a.norm_eps];
  let h = act(groupNorm(w, `${name}.norm1`, x, groups, { epsilon }));
  let shortcut = x;
  if (resample) [h, shortcut] = [resample(h), resample(shortcut)];
  h = convolve(w, `${name}.conv1`, h);
  const time = dense(w, `${name}.time_emb_proj`, e);
  if (a.resnet_time_scale_shift === 'scale_shift') {
    const [factor, shift] = tf.split(time, 2, 1) as [tf.Tensor, tf.Tensor];
    h = groupNorm(w, `${name}.norm2`, h, groups, { epsilon, scale: factor, shift });
  } else {
    h = groupNorm(w, `${name}.norm2`, tf.add(h, tf.reshape(time, [time.shape[0], 1, 1, -1])), groups, { epsilon });
  }
  h = convolve(w, `${name}.conv2`, act(h));
  if (shortcut.shape[3] !== h.shape[3]) shortcut = convolve(w, `${name}.conv_shortcut`, shortcut);
  return scaledSum(shortcut, h, scale);
}

const scaledSum = (x: tf.Tensor4D, h: tf.Tensor4D, scale: number): tf.Tensor4D => (scale === 1 ? tf.add(x, h) : tf.div(tf.add(x, h), scale));

/**
 * A 3×3 convolution of stride 2. Of an even number of pixels PyTorch's padding of 1 on all sides uses the first row and column only, its padding of 0 (for which
 * diffusers adds one at the end) the last.
 */
function downsample(w: Weights, name: string, x: tf.Tensor4D, padding: 0 | 1): tf.Tensor4D {
  const around: [number, number] = padding === 1 ? [1, 0] : [0, 1];
  return tf.add(tf.conv2d(tf.pad(x, [[0, 0], around, around, [0, 0]]), w(`${name}.weight`) as tf.Tensor4D, 2, 'valid'), w(`${name}.bias`));
}

/** Self-attention over all pixels in heads of `attention_head_dim` channels (Vaswani et al., arXiv 1706.03762), with its residual. */
function selfAttention(w: Weights, name: string, a: Unet2dArchitecture, x: tf.Tensor4D, groups: number | undefined, scale: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const pixels = height * width;
  const inner = innerChannels(channels, a.attention_head_dim);
  const size = a.attention_head_dim ?? channels;
  const heads = inner / size;
  const normalised = groups === undefined ? x : groupNorm(w, `${name}.group_norm`, x, groups, { epsilon: a.norm_eps });
  const flat = tf.reshape(normalised, [batch, pixels, channels]);
  const split = (part: string): tf.Tensor3D => {
    const all = dense(w, `${name}.${part}`, flat);
    return heads === 1 ? (all as tf.Tensor3D) : tf.reshape(tf.transpose(tf.reshape(all, [batch, pixels, heads, size]), [0, 2, 1, 3]), [batch * heads, pixels, size]);
  };
  const attention = tf.softmax(tf.mul(tf.matMul(split('to_q'), split('to_k'), false, true), 1 / Math.sqrt(size)));
  const mixed = tf.matMul(attention, split('to_v'));
  const joined = heads === 1 ? mixed : tf.reshape(tf.transpose(tf.reshape(mixed, [batch, heads, pixels, size]), [0, 2, 1, 3]), [batch, pixels, inner]);
  return scaledSum(x, tf.reshape(dense(w, `${name}.to_out.0`, joined), x.shape), scale);
}
