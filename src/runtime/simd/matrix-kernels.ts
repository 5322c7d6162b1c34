/** tfjs' matrix product and SiLU's two directions on the functions of `code.ts`. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../core/shape';
import { replaceKernel } from '../replace-kernel';
import * as tf from '../tf';
import { BYTES, type Heap } from './heap';

export function registerMatrixKernels(heap: Heap): void {
  replaceKernel('BatchMatMul', 'wasm', (original) => (params) => {
    const [a, b] = [params.inputs['a']!, params.inputs['b']!];
    const { transposeA, transposeB } = params.attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const batches = a.shape.slice(0, -2);
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || batches.join() !== b.shape.slice(0, -2).join()) return original(params);
    return batchProduct(heap, a, b, batches, transposeA, transposeB);
  });
  const elementwise = (kernelName: string, run: (out: number, inputs: Record<string, TensorInfo>, count: number) => void): void => {
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs }) => {
        const { shape } = inputs['x']!;
        const out = heap.output(shape);
        run(heap.at(out), inputs as Record<string, TensorInfo>, sizeOf(shape));
        return out;
      },
    });
  };
  elementwise('SigdegSilu', (out, { x }, count) => { heap.call.silu(out, heap.at(x!), count); });
  elementwise('SigdegSiluGradient', (out, { x, dy }, count) => { heap.call.siluGradient(out, heap.at(dy!), heap.at(x!), count); });
}

function batchProduct(heap: Heap, a: TensorInfo, b: TensorInfo, batches: readonly number[], transposeA: boolean, transposeB: boolean): TensorInfo {
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const out = heap.output([...batches, rows, columns]);
  const count = sizeOf(batches);
  for (let i = 0; i < count; i++) {
    heap.product(
      heap.at(out) + BYTES * i * rows * columns,
      { at: heap.at(a) + BYTES * i * rows * inner, layout: transposeA ? 'columns' : 'rows', stride: aColumns },
      { at: heap.at(b) + BYTES * i * inner * columns, transposed: transposeB },
      rows, columns, inner,
    );
  }
  return out;
}
