/** Two kernels of tfjs' WebAssembly backend that copy more than they need. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { replaceKernel } from '../replace-kernel';
import { BYTES, type Heap } from './heap';

export function registerMemoryKernels(heap: Heap): void {
  // As on other backends, a tensor and its clone are one array: every tensor that is kept for a gradient is a clone.
  replaceKernel('Identity', 'wasm', (original) => (params) => {
    const x = params.inputs['x']!;
    if (x.dtype === 'string') return original(params);
    heap.share(x);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  });

  // The pieces of a flat vector are copied inside the memory, not out of it and back.
  replaceKernel('SplitV', 'wasm', (original) => (params) => {
    const x = params.inputs['x']!;
    const { numOrSizeSplits: sizes } = params.attrs as unknown as { numOrSizeSplits: number | number[] };
    if (x.shape.length !== 1 || x.dtype !== 'float32' || !Array.isArray(sizes) || sizes.includes(-1)) return original(params);
    let from = 0;
    return sizes.map((size): TensorInfo => {
      const piece = heap.output([size]);
      heap.copy(heap.at(piece), heap.at(x) + BYTES * from, size);
      from += size;
      return piece;
    });
  });
}
