/**
 * Dense layers as one kernel each, forward and backward, on tfjs' WebAssembly backend: y = [x +] silu?(x W + e U + b). Composed of tfjs' own kernels such a layer
 * takes a dozen calls of several microseconds, each of which reads and writes all activations once more.
 */
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '../tf';
import { BYTES, type Heap } from './heap';

export interface DenseAttributes {
  /** Whether silu is applied. */
  readonly silu: boolean;
  /** Whether x is added to the result. */
  readonly residual: boolean;
}

/** `keep`: whether a gradient will be asked for, which needs what silu was applied to, as a second output. */
type KernelAttributes = DenseAttributes & { readonly keep: boolean };

/** Rows that are taken through all of a layer at a time, so that they stay in the cache. */
const BLOCK_ROWS = 256;

type Inputs = Record<string, TensorInfo>;

export function registerDenseKernels(heap: Heap): void {
  const register = (kernelName: string, kernel: (inputs: Inputs, attributes: KernelAttributes) => TensorInfo[]): void => {
    const kernelFunc: KernelFunc = ({ inputs, attrs }) => kernel(inputs as Inputs, attrs as unknown as KernelAttributes);
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
  };
  register('SigdegDense', (inputs, attributes) => dense(heap, inputs, attributes));
  register('SigdegDenseGradient', (inputs, attributes) => denseGradient(heap, inputs, attributes));
}

function dense(heap: Heap, { x, weight, bias, time, timeWeight }: Inputs, { silu, residual, keep }: KernelAttributes): TensorInfo[] {
  const [rows, inputs] = x!.shape as [number, number];
  const columns = weight!.shape[1]!;
  const y = heap.output([rows, columns]);
  const before = silu && keep ? heap.output([rows, columns]) : y;
  const packed = heap.pack({ at: heap.at(weight!), transposed: false }, inputs, columns);
  const [xAt, yAt, beforeAt] = [heap.at(x!), heap.at(y), heap.at(before)];
  let startAt = heap.at(bias!);
  let ownStart: number | undefined;
  let timePacked: number | undefined;
  const features = time?.shape[1] ?? 0;
  if (time && timeWeight) {
    timePacked = heap.pack({ at: heap.at(timeWeight), transposed: false }, features, columns);
    if (time.shape[0] === 1) {
      // One time for all rows is a part of the bias.
      ownStart = heap.allocate(columns);
      heap.packedProduct(ownStart, { at: heap.at(time), layout: 'rows', stride: features }, timePacked, 1, columns, features, startAt);
      startAt = ownStart;
    }
  }
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows - first);
    const out = beforeAt + BYTES * first * columns;
    const a = { at: xAt + BYTES * first * inputs, layout: 'rows', stride: inputs } as const;
    if (time && timePacked !== undefined && ownStart === undefined) {
      heap.packedProduct(out, { at: heap.at(time) + BYTES * first * features, layout: 'rows', stride: features }, timePacked, count, columns, features, startAt);
      heap.packedProduct(out, a, packed, count, columns, inputs, out);
    } else {
      heap.packedProduct(out, a, packed, count, columns, inputs, startAt);
    }
    const result = yAt + BYTES * first * columns;
    if (silu && residual) heap.call.siluAdd(result, out, a.at, count * columns);
    else if (silu) heap.call.silu(result, out, count * columns);
  }
  for (const pointer of [packed, timePacked, ownStart]) if (pointer !== undefined) heap.free(pointer);
  return before === y ? [y] : [y, before];
}

/** The gradients of x, W, b and, with a time, U. */
function denseGradient(heap: Heap, { dy, x, weight, before, time }: Inputs, { silu, residual }: KernelAttributes): TensorInfo[] {
  const [rows, inputs] = x!.shape as [number, number];
  const columns = weight!.shape[1]!;
  const dyAt = heap.at(dy!);
  // With a silu: the gradient of what it was applied to.
  const own = silu ? heap.allocate(rows * columns) : undefined;
  const dAt = own ?? dyAt;
  if (own !== undefined) heap.call.siluGradient(own, dyAt, heap.at(before!), rows * columns);

  const dx = heap.output([rows, inputs]);
  const dxAt = heap.at(dx);
  if (residual) heap.floats(dxAt, rows * inputs).set(heap.floats(dyAt, rows * inputs));
  heap.product(dxAt, { at: dAt, layout: 'rows', stride: columns }, { at: heap.at(weight!), transposed: true }, rows, inputs, columns, residual ? dxAt : undefined);

  const dWeight = heap.output([inputs, columns]);
  const packed = heap.pack({ at: dAt, transposed: false }, rows, columns);
  heap.packedProduct(heap.at(dWeight), { at: heap.at(x!), layout: 'columns', stride: inputs }, packed, inputs, columns, rows);
  const dBias = heap.output([columns]);
  heap.call.columnSums(heap.at(dBias), dAt, rows, columns);
  const results = [dx, dWeight, dBias];
  if (time) {
    const features = time.shape[1]!;
    const dTime = heap.output([features, columns]);
    const [sumOverRows, factor] = time.shape[0] === 1 ? [1, heap.pack({ at: heap.at(dBias), transposed: false }, 1, columns)] : [rows, packed];
    heap.packedProduct(heap.at(dTime), { at: heap.at(time), layout: 'columns', stride: features }, factor, features, columns, sumOverRows);
    if (factor !== packed) heap.free(factor);
    results.push(dTime);
  }
  heap.free(packed);
  if (own !== undefined) heap.free(own);
  return results;
}
