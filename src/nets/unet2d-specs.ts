import { convSpecs, denseSpecs, groupNormSpecs } from './layer-specs';
import type { ParameterSpec } from './parameters';
import { downLevels, midAttentionGroups, projectionSize, timeDimension, upLevels, type Unet2dArchitecture, type Unet2dLevel } from './unet2d-config';

/** What the parameters' shapes depend on besides the architecture: a student has more inputs, two times, and perhaps a hidden state. */
export interface Unet2dPorts {
  readonly inputs: number;
  readonly outputs: number;
  readonly times: number;
}

/** The parameters of diffusers' UNet2DModel: its names, our layout (dense [in, out], convolution [height, width, in, out]). Loads no tfjs. */
export function unet2dSpecs(a: Unet2dArchitecture, { inputs, outputs, times }: Unet2dPorts): ParameterSpec[] {
  const time = timeDimension(a);
  const top = a.block_out_channels[0]!;
  const deepest = a.block_out_channels.at(-1)!;
  const projected = projectionSize(a);

  const resnet = (name: string, from: number, to: number): ParameterSpec[] => [
    ...groupNormSpecs(`${name}.norm1`, from),
    ...convSpecs(`${name}.conv1`, from, to),
    ...denseSpecs(`${name}.time_emb_proj`, time, a.resnet_time_scale_shift === 'scale_shift' ? 2 * to : to),
    ...groupNormSpecs(`${name}.norm2`, to),
    ...convSpecs(`${name}.conv2`, to, to, 0.1),
    ...(from === to ? [] : convSpecs(`${name}.conv_shortcut`, from, to, 1, 1)),
  ];
  const attention = (name: string, channels: number, normalised: boolean): ParameterSpec[] => {
    const inner = innerChannels(channels, a.attention_head_dim);
    return [
      ...(normalised ? groupNormSpecs(`${name}.group_norm`, channels) : []),
      ...['to_q', 'to_k', 'to_v'].flatMap((part) => denseSpecs(`${name}.${part}`, channels, inner)),
      ...denseSpecs(`${name}.to_out.0`, inner, channels, 0),
    ];
  };
  const resampler = (place: string, { resample, channels }: Unet2dLevel): ParameterSpec[] =>
    resample === null ? [] : resample === 'conv' ? convSpecs(`${place}.conv`, channels, channels) : resnet(place, channels, channels);
  const levels = [...downLevels(a), ...upLevels(a)].flatMap((level) => [
    ...level.resnets.flatMap((block, k) => [
      ...resnet(`${level.name}.resnets.${k}`, block.inputs, block.outputs),
      ...(level.attention ? attention(`${level.name}.attentions.${k}`, level.channels, true) : []),
    ]),
    ...resampler(`${level.name}.${level.name.startsWith('down') ? 'downsamplers' : 'upsamplers'}.0`, level),
  ]);
  return [
    ...convSpecs('conv_in', inputs, top),
    ...(a.time_embedding_type === 'fourier' ? [{ name: 'time_proj.weight', shape: [top], init: { normal: 16 } }] : []),
    ...denseSpecs('time_embedding.linear_1', times * projected, time),
    ...denseSpecs('time_embedding.linear_2', time, time),
    ...(a.class_embed_type === 'timestep' ? [...denseSpecs('class_embedding.linear_1', projected, time), ...denseSpecs('class_embedding.linear_2', time, time)] : []),
    ...(a.class_embed_type === null && a.num_class_embeds !== null ? [{ name: 'class_embedding.weight', shape: [a.num_class_embeds, time], init: { normal: 1 } }] : []),
    ...levels,
    ...(a.mid_block_type === null ? [] : [
      ...resnet('mid_block.resnets.0', deepest, deepest),
      ...(a.add_attention ? attention('mid_block.attentions.0', deepest, midAttentionGroups(a) !== undefined) : []),
      ...resnet('mid_block.resnets.1', deepest, deepest),
    ]),
    ...groupNormSpecs('conv_norm_out', top),
    ...convSpecs('conv_out', top, outputs, 0),
  ];
}

/** Channels of all heads together, which is less than `channels` where the head's size does not divide it. */
export const innerChannels = (channels: number, headDimension: number | null): number => (headDimension === null ? channels : Math.floor(channels / headDimension) * headDimension);
