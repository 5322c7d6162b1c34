/** The memory of tfjs' WebAssembly backend, where tensors lie, and the functions of `code.ts` on it. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { SigdegError } from '../../core/errors';
import { instantiate } from '../../core/wasm/instantiate';
import * as tf from '../tf';
import { CONSTANT_BYTES, simdCode, type SimdFunctions } from './code';
import { PANEL } from './matrix-code';

/** What is used of the backend and of the Emscripten module inside it. */
interface WasmBackend {
  readonly wasm: {
    readonly asm: { readonly memory?: unknown };
    readonly HEAPU8: Uint8Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  incRef(dataId: object): void;
  refCount(dataId: object): number;
  makeOutput(shape: readonly number[], dtype: 'float32'): TensorInfo;
}

/** The left factor of a product: `stride` in elements; by columns it is the transpose of what lies there. */
export interface Factor {
  readonly at: number;
  readonly layout: 'rows' | 'columns';
  readonly stride: number;
}

/** Of a float32. */
export const BYTES = 4;

export class Heap {
  private zeros: { readonly at: number; readonly length: number } | undefined;

  private constructor(private readonly backend: WasmBackend, readonly call: SimdFunctions) {}

  /** @returns undefined where the backend has no memory that another module can share */
  static open(): Heap | undefined {
    const backend = tf.backend() as unknown as WasmBackend;
    const functions = instantiate<SimdFunctions>(simdCode(backend.wasm._malloc(CONSTANT_BYTES) >>> 0), backend.wasm.asm.memory);
    return functions && new Heap(backend, functions);
  }

  at({ dataId }: TensorInfo): number {
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  output(shape: readonly number[]): TensorInfo {
    return this.backend.makeOutput(shape, 'float32');
  }

  /** Lets one more tensor have this one's array. */
  share({ dataId }: TensorInfo): void {
    this.backend.incRef(dataId);
  }

  /** Whether no other tensor has this one's array. */
  isAlone({ dataId }: TensorInfo): boolean {
    return this.backend.refCount(dataId) === 1;
  }

  copy(to: number, from: number, floats: number): void {
    this.backend.wasm.HEAPU8.copyWithin(to, from, from + BYTES * floats);
  }

  /** Valid until something is allocated. */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.backend.wasm.HEAPU8.buffer, at, length);
  }

  allocate(floats: number): number {
    const pointer = this.backend.wasm._malloc(BYTES * floats) >>> 0;
    if (pointer === 0) throw new SigdegError('INTERNAL', `the wasm engine has no memory left for ${floats} numbers: use a smaller batch or --engine tensorflow`);
    return pointer;
  }

  free(pointer: number): void {
    this.backend.wasm._free(pointer);
  }

  /**
   * out [rows, columns] = start + a b.
   * @param b [inner, columns] at an address; transposed: [columns, inner] lies there.
   * @param start [columns] added to every row, or `out` itself to add to what is there; absent: nothing.
   */
  product(out: number, a: Factor, b: { at: number; transposed: boolean }, rows: number, columns: number, inner: number, start?: number): void {
    const packed = this.pack(b, inner, columns);
    this.packedProduct(out, a, packed, rows, columns, inner, start);
    this.free(packed);
  }

  /** b in panels, to be freed; columns beyond the last are zero. */
  pack({ at, transposed }: { at: number; transposed: boolean }, inner: number, columns: number): number {
    const full = Math.floor(columns / PANEL);
    const packed = this.allocate(Math.ceil(columns / PANEL) * PANEL * inner);
    if (transposed) this.call.packColumns(packed, at, BYTES * inner, inner, full);
    else this.call.packRows(packed, at, BYTES * columns, inner, full);
    const rest = columns - full * PANEL;
    if (rest === 0) return packed;
    const source = this.floats(at, inner * columns);
    const panel = this.floats(packed + BYTES * full * PANEL * inner, PANEL * inner).fill(0);
    for (let k = 0; k < inner; k++) {
      for (let n = 0; n < rest; n++) panel[k * PANEL + n] = source[transposed ? (full * PANEL + n) * inner + k : k * columns + full * PANEL + n]!;
    }
    return packed;
  }

  packedProduct(out: number, a: Factor, packed: number, rows: number, columns: number, inner: number, start?: number): void {
    const product = a.layout === 'rows' ? this.call.productRows : this.call.productColumns;
    const panels = Math.ceil(columns / PANEL);
    const width = panels * PANEL;
    const aStride = BYTES * a.stride;
    const startStride = start === out ? BYTES * width : 0;
    const zeros = this.zerosOf(width);
    if (columns === width) {
      product(out, BYTES * width, start ?? zeros, startStride, a.at, aStride, packed, rows, panels, inner);
      return;
    }
    // Whole panels are written: into a wider array, from which the columns are copied.
    const wide = this.allocate(rows * width);
    const wideStart = start === undefined ? zeros : start === out ? wide : this.allocate(width);
    if (start !== undefined) copyRows(this.floats(start, (start === out ? rows : 1) * columns), columns, this.floats(wideStart, (start === out ? rows : 1) * width), width, start === out ? rows : 1);
    product(wide, BYTES * width, wideStart, startStride, a.at, aStride, packed, rows, panels, inner);
    copyRows(this.floats(wide, rows * width), width, this.floats(out, rows * columns), columns, rows);
    if (wideStart !== zeros && wideStart !== wide) this.free(wideStart);
    this.free(wide);
  }

  private zerosOf(length: number): number {
    if (this.zeros === undefined || this.zeros.length < length) {
      if (this.zeros !== undefined) this.free(this.zeros.at);
      this.zeros = { at: this.allocate(length), length };
      this.floats(this.zeros.at, length).fill(0);
    }
    return this.zeros.at;
  }
}

function copyRows(from: Float32Array, fromWidth: number, to: Float32Array, toWidth: number, rows: number): void {
  const width = Math.min(fromWidth, toWidth);
  for (let row = 0; row < rows; row++) for (let i = 0; i < width; i++) to[row * toWidth + i] = from[row * fromWidth + i]!;
}
