/**
 * Weights between PyTorch's layout (dense [out, in], convolution [out, in, height, width]) and ours (dense [in, out], convolution [height, width, in, out]).
 * Names are the same, but for attention layers of diffusers before 0.17. Loads no tfjs.
 */
import { sizeOf } from '../core/shape';
import type { TensorData } from '../formats/safetensors';

const OLD_NAMES: readonly (readonly [RegExp, string])[] = [
  [/\.query\.(weight|bias)$/, '.to_q.$1'],
  [/\.key\.(weight|bias)$/, '.to_k.$1'],
  [/\.value\.(weight|bias)$/, '.to_v.$1'],
  [/\.proj_attn\.(weight|bias)$/, '.to_out.0.$1'],
];

/** The name that a parameter has today. */
export const presentName = (name: string): string => OLD_NAMES.reduce((known, [old, now]) => known.replace(old, now), name);

/** Order of our axes in PyTorch's array; a table of class embeddings is the same in both. */
function axesOf(name: string, rank: number): readonly number[] {
  if (rank === 4) return [2, 3, 1, 0];
  return rank === 2 && name !== 'class_embedding.weight' ? [1, 0] : Array.from({ length: rank }, (_, i) => i);
}

/** The shape in our layout of a parameter that PyTorch has in this shape. */
export const ourShape = (name: string, shape: readonly number[]): number[] => axesOf(name, shape.length).map((axis) => shape[axis]!);

/** The shape that PyTorch has a parameter in, from ours. */
export function theirShape(name: string, shape: readonly number[]): number[] {
  const axes = axesOf(name, shape.length);
  return axes.map((_, i) => shape[axes.indexOf(i)]!);
}

export function fromDiffusers(name: string, tensor: TensorData): TensorData {
  return permuted(tensor, axesOf(name, tensor.shape.length));
}

export function toDiffusers(name: string, tensor: TensorData): TensorData {
  const axes = axesOf(name, tensor.shape.length);
  return permuted(tensor, axes.map((_, i) => axes.indexOf(i)));
}

/** The array with its axes in another order. */
function permuted({ shape, data }: TensorData, axes: readonly number[]): TensorData {
  const target = axes.map((axis) => shape[axis]!);
  const strides = axes.map((axis) => sizeOf(shape.slice(axis + 1)));
  const out = new Float32Array(data.length);
  const index = new Array<number>(axes.length).fill(0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = Number(data[from]);
    for (let d = axes.length - 1; d >= 0; d--) {
      index[d]!++;
      from += strides[d]!;
      if (index[d]! < target[d]!) break;
      from -= target[d]! * strides[d]!;
      index[d] = 0;
    }
  }
  return { dtype: 'F32', shape: target, data: out };
}
