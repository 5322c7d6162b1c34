import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../core/shape';
import { replaceKernel } from './replace-kernel';
import * as tf from './tf';

/**
 * tfjs' WebGPU backend 4.22 multiplies matrices with a long inner dimension and a small result by parts that are added with atomics, in whatever order they
 * end: the same step gives other bits each time. Such are the gradients of weights over a large batch. Here the parts are a batch of products whose sum is
 * taken in order, as parallel and the same each time; where the parts do not lie side by side in memory a product by one tile does.
 */

/** From this inner dimension on tfjs takes parts. */
const LONG = 2000;
/** Wanted length of a part. */
const PART = 256;
/** MatMulSmallOutputSizeProgram in tfjs' list of programs. */
const SMALL_TILES = 2;
const PROGRAM = 'WEBGPU_MATMUL_PROGRAM_TYPE';

const kernel = (name: string): KernelFunc => tf.getKernel(name, 'webgpu').kernelFunc;

/** The divisor of `length` that makes parts nearest to PART from above; undefined where there is none worth it. */
function partsOf(length: number): number | undefined {
  for (let parts = Math.floor(length / PART); parts > 1; parts--) if (length % parts === 0 && length / parts < LONG) return parts;
  return undefined;
}

/** The kernel with one program for all products, which is none that takes parts. */
function withSmallTiles(call: () => TensorInfo | TensorInfo[]): TensorInfo | TensorInfo[] {
  tf.env().set(PROGRAM, SMALL_TILES);
  try {
    return call();
  } finally {
    tf.env().set(PROGRAM, -1);
  }
}

export function registerWebgpuKernels(): void {
  replaceKernel('BatchMatMul', 'webgpu', (original) => (params) => {
    const [a, b] = [params.inputs['a']!, params.inputs['b']!];
    const { transposeA, transposeB } = params.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const inner = a.shape.at(transposeA ? -2 : -1)!;
    const batch = sizeOf(a.shape.slice(0, -2));
    if (inner < LONG || batch !== 1) return original(params);
    const parts = transposeA && !transposeB ? partsOf(inner) : undefined;
    if (parts === undefined) return withSmallTiles(() => original(params));
    const backend = params.backend as { disposeData(dataId: object): unknown };
    const [rows, columns] = [a.shape.at(-1)!, b.shape.at(-1)!];
    const run = (name: string, inputs: Record<string, TensorInfo>, attrs: object, func = kernel(name)): TensorInfo => func({ inputs, backend, attrs: attrs as never }) as TensorInfo;
    const split = (x: TensorInfo, size: number): TensorInfo => run('Reshape', { x }, { shape: [parts, inner / parts, size] });
    const [left, right] = [split(a, rows), split(b, columns)];
    const products = run('BatchMatMul', { a: left, b: right }, { transposeA, transposeB }, original);
    const sum = run('Sum', { x: products }, { axis: [0], keepDims: false });
    const result = run('Reshape', { x: sum }, { shape: [...a.shape.slice(0, -2), rows, columns] });
    for (const { dataId } of [left, right, products, sum]) backend.disposeData(dataId);
    return result;
  });
  // Of these only the filter decides how long a product is.
  for (const name of ['Conv2D', 'FusedConv2D']) {
    replaceKernel(name, 'webgpu', (original) => (params) => {
      const inner = sizeOf(params.inputs['filter']!.shape.slice(0, -1));
      return inner < LONG ? original(params) : withSmallTiles(() => original(params));
    });
  }
}
