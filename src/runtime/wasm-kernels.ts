import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { replaceKernel } from './replace-kernel';
import * as tf from './tf';

/**
 * Kernels that make training fast, or possible at all, on tfjs' WebAssembly backend 4.22. As shipped a matrix product with a transposed argument leaves
 * the fast path (10 to 20 times slower), the input gradient of a convolution is 13 times slower than the convolution, and its filter gradient is missing.
 * All three are expressed by forward kernels that are fast.
 */

interface Disposer {
  disposeData(dataId: object): unknown;
}

const kernel = (name: string): KernelFunc => tf.getKernel(name, 'wasm').kernelFunc;

/** Runs kernels one after the other and frees what lies between the first inputs and the last output. */
class Scratch {
  private readonly made: TensorInfo[] = [];
  constructor(private readonly backend: object) {}

  run(name: string, inputs: Record<string, TensorInfo>, attrs: Record<string, unknown>, func: KernelFunc = kernel(name)): TensorInfo {
    const result = func({ inputs, backend: this.backend, attrs: attrs as never }) as TensorInfo;
    this.made.push(result);
    return result;
  }

  /** Frees everything but `result`. */
  finish(result: TensorInfo): TensorInfo {
    for (const info of this.made) if (info !== result) (this.backend as Disposer).disposeData(info.dataId);
    return result;
  }
}

const swapLast = (rank: number): number[] => Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));

interface ConvAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | [number, number][];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Padding and shape of the forward convolution. */
function convInfo(input: readonly number[], filter: readonly number[], attrs: ConvAttributes): ReturnType<typeof tf.backend_util.computeConv2DInfo> {
  return tf.backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    filter as [number, number, number, number],
    attrs.strides,
    1,
    attrs.pad as never,
    attrs.dimRoundingMode,
  );
}

let registered = false;

export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;

  replaceKernel('BatchMatMul', 'wasm', (original) => ({ inputs, backend, attrs }) => {
    const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const scratch = new Scratch(backend);
    let [a, b] = [inputs['a']!, inputs['b']!];
    if (transposeA) a = scratch.run('Transpose', { x: a }, { perm: swapLast(a.shape.length) });
    if (transposeB) b = scratch.run('Transpose', { x: b }, { perm: swapLast(b.shape.length) });
    return scratch.finish(scratch.run('BatchMatMul', { a, b }, { transposeA: false, transposeB: false }, original));
  });

  // dx = convolution of dy with the filter turned by 180° and its channels swapped; of a stride s, of dy with s − 1 zeros between its pixels.
  replaceKernel('Conv2DBackpropInput', 'wasm', () => ({ inputs, backend, attrs }) => {
    const { inputShape, ...conv } = attrs as unknown as ConvAttributes & { inputShape: number[] };
    const [dy, filter] = [inputs['dy']!, inputs['filter']!];
    const info = convInfo(inputShape, filter.shape, conv);
    const { top, left } = info.padInfo;
    const [height, width] = [info.filterHeight - 1, info.filterWidth - 1];
    const scratch = new Scratch(backend);
    const turned = scratch.run('Reverse', { x: filter }, { dims: [0, 1] });
    const swapped = scratch.run('Transpose', { x: turned }, { perm: [0, 1, 3, 2] });
    const spread = spreadPixels(scratch, dy, info.strideHeight, info.strideWidth);
    const pad = [[0, 0], [height - top, info.inHeight + top - spread.shape[1]!], [width - left, info.inWidth + left - spread.shape[2]!], [0, 0]];
    return scratch.finish(scratch.run('Conv2D', { x: spread, filter: swapped }, { strides: 1, pad, dataFormat: 'NHWC', dilations: 1 }));
  });

  // dW = valid convolution of the padded x as [in, height, width, batch] with dy as the filter [height, width, batch, out], spread by the stride.
  replaceKernel('Conv2DBackpropFilter', 'wasm', () => ({ inputs, backend, attrs }) => {
    const { filterShape, ...conv } = attrs as unknown as ConvAttributes & { filterShape: number[] };
    const [x, dy] = [inputs['x']!, inputs['dy']!];
    const info = convInfo(x.shape, filterShape, conv);
    const { top, left } = info.padInfo;
    const scratch = new Scratch(backend);
    const batchLast = scratch.run('Transpose', { x }, { perm: [3, 1, 2, 0] });
    const spread = spreadPixels(scratch, dy, info.strideHeight, info.strideWidth);
    const filter = scratch.run('Transpose', { x: spread }, { perm: [1, 2, 0, 3] });
    // As much behind as makes the result the filter's size; what the last stride does not reach of x is cut off.
    const bottom = spread.shape[1]! + info.filterHeight - 1 - info.inHeight - top;
    const right = spread.shape[2]! + info.filterWidth - 1 - info.inWidth - left;
    const size = [info.inChannels, info.inHeight + Math.min(0, bottom), info.inWidth + Math.min(0, right), info.batchSize];
    const reached = bottom < 0 || right < 0 ? scratch.run('Slice', { x: batchLast }, { begin: [0, 0, 0, 0], size }) : batchLast;
    const pad = [[0, 0], [top, Math.max(0, bottom)], [left, Math.max(0, right)], [0, 0]];
    const sums = scratch.run('Conv2D', { x: reached, filter }, { strides: 1, pad, dataFormat: 'NHWC', dilations: 1 });
    return scratch.finish(scratch.run('Transpose', { x: sums }, { perm: [1, 2, 0, 3] }));
  });
}

/** [batch, h, w, c] with zeros between its pixels: [batch, (h − 1) strideHeight + 1, (w − 1) strideWidth + 1, c]. */
function spreadPixels(scratch: Scratch, x: TensorInfo, strideHeight: number, strideWidth: number): TensorInfo {
  if (strideHeight === 1 && strideWidth === 1) return x;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const apart = scratch.run('Reshape', { x }, { shape: [batch, height, 1, width, channels] });
  const padded = scratch.run('PadV2', { x: apart }, { paddings: [[0, 0], [0, 0], [0, strideHeight - 1], [0, 0], [0, (strideWidth - 1) * channels]], constantValue: 0 });
  const joined = scratch.run('Reshape', { x: padded }, { shape: [batch, height * strideHeight, width * strideWidth, channels] });
  return scratch.run('Slice', { x: joined }, { begin: [0, 0, 0, 0], size: [batch, (height - 1) * strideHeight + 1, (width - 1) * strideWidth + 1, channels] });
}
