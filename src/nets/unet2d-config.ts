/**
 * The architecture of diffusers' `UNet2DModel` (version 0.42), in the words of its own config.json, so that it can be written back as it came. What is left out
 * has no influence on the result of a trained model (`dropout`) or is refused where a folder is imported.
 */
export const ACTIVATIONS = ['silu', 'swish', 'mish', 'gelu', 'relu'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

export const DOWN_BLOCKS = ['DownBlock2D', 'AttnDownBlock2D'] as const;
export const UP_BLOCKS = ['UpBlock2D', 'AttnUpBlock2D'] as const;

export interface Unet2dArchitecture {
  /** Height and width. */
  readonly sample_size: readonly [number, number];
  readonly in_channels: number;
  readonly out_channels: number;
  readonly center_input_sample: boolean;
  readonly time_embedding_type: 'positional' | 'fourier';
  readonly time_embedding_dim: number | null;
  readonly freq_shift: number;
  readonly flip_sin_to_cos: boolean;
  /** Finest resolution first. */
  readonly down_block_types: readonly (typeof DOWN_BLOCKS)[number][];
  readonly mid_block_type: 'UNetMidBlock2D' | null;
  /** Coarsest resolution first. */
  readonly up_block_types: readonly (typeof UP_BLOCKS)[number][];
  readonly block_out_channels: readonly number[];
  readonly layers_per_block: number;
  readonly mid_block_scale_factor: number;
  readonly downsample_padding: 0 | 1;
  readonly downsample_type: 'conv' | 'resnet';
  readonly upsample_type: 'conv' | 'resnet';
  readonly act_fn: Activation;
  /** Channels of a head; null: one head. */
  readonly attention_head_dim: number | null;
  readonly norm_num_groups: number;
  readonly attn_norm_num_groups: number | null;
  readonly norm_eps: number;
  readonly resnet_time_scale_shift: 'default' | 'scale_shift';
  readonly add_attention: boolean;
  readonly class_embed_type: 'timestep' | null;
  readonly num_class_embeds: number | null;
}

export interface Unet2dConfig {
  readonly kind: 'unet2d';
  readonly architecture: Unet2dArchitecture;
  /** The class that is drawn, of a model that has classes. */
  readonly classLabel?: number | undefined;
}

export const hasClasses = ({ class_embed_type, num_class_embeds }: Unet2dArchitecture): boolean => class_embed_type !== null || num_class_embeds !== null;

/** One resolution of the network on the way down or up. */
export interface Unet2dLevel {
  /** `down_blocks.0`. */
  readonly name: string;
  /** Input and output channels of each residual block, in order. */
  readonly resnets: readonly { readonly inputs: number; readonly outputs: number }[];
  readonly attention: boolean;
  readonly channels: number;
  /** What changes the resolution after the blocks: a convolution, a residual block, or nothing (the last level). */
  readonly resample: 'conv' | 'resnet' | null;
}

export const timeDimension = ({ time_embedding_dim, block_out_channels }: Unet2dArchitecture): number => time_embedding_dim ?? 4 * block_out_channels[0]!;

/** Numbers that the time's projection makes of one time: sine and cosine of `block_out_channels[0]` (fourier) or half as many (positional) frequencies. */
export const projectionSize = ({ time_embedding_type, block_out_channels }: Unet2dArchitecture): number => (time_embedding_type === 'fourier' ? 2 : 1) * block_out_channels[0]!;

/** Plain blocks know convolutions only; `downsample_type` speaks to blocks with attention. */
export function downLevels({ block_out_channels: channels, down_block_types, layers_per_block, downsample_type }: Unet2dArchitecture): Unet2dLevel[] {
  return channels.map((outputs, i) => {
    const attention = down_block_types[i] === 'AttnDownBlock2D';
    return {
      name: `down_blocks.${i}`,
      resnets: Array.from({ length: layers_per_block }, (_, k) => ({ inputs: k === 0 ? channels[Math.max(0, i - 1)]! : outputs, outputs })),
      attention,
      channels: outputs,
      resample: i === channels.length - 1 ? null : attention ? downsample_type : 'conv',
    };
  });
}

/** Every block of the way up takes one skip, in the reverse order of the way down: one block more a level, since the input and each downsampling are skips, too. */
export function upLevels({ block_out_channels, up_block_types, layers_per_block, upsample_type }: Unet2dArchitecture): Unet2dLevel[] {
  const channels = [...block_out_channels].reverse();
  return channels.map((outputs, i) => {
    const attention = up_block_types[i] === 'AttnUpBlock2D';
    const [before, below] = [channels[Math.max(0, i - 1)]!, channels[Math.min(i + 1, channels.length - 1)]!];
    return {
      name: `up_blocks.${i}`,
      resnets: Array.from({ length: layers_per_block + 1 }, (_, k) => ({ inputs: (k === 0 ? before : outputs) + (k === layers_per_block ? below : outputs), outputs })),
      attention,
      channels: outputs,
      resample: i === channels.length - 1 ? null : attention ? upsample_type : 'conv',
    };
  });
}

/** Groups of the normalisation before the middle's attention; undefined: it has none. */
export function midAttentionGroups({ attn_norm_num_groups, resnet_time_scale_shift, norm_num_groups }: Unet2dArchitecture): number | undefined {
  return attn_norm_num_groups ?? (resnet_time_scale_shift === 'default' ? norm_num_groups : undefined);
}
