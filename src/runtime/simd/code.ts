import { assemble, Constants } from '../../core/wasm/assembler';
import { adam, columnSums, siluFunctions, sumOfSquares } from './elementwise-code';
import { matrixProduct, packing } from './matrix-code';

/** Bytes that the module's constants take at most. */
export const CONSTANT_BYTES = 1024;

/** The module of all functions here, which works on a memory that it is given; its constants lie at `constants` there. */
export function simdCode(constantsAt: number): Uint8Array<ArrayBuffer> {
  const constants = new Constants(constantsAt);
  const functions = [
    matrixProduct('rows'), matrixProduct('columns'), packing('rows'), packing('columns'),
    ...siluFunctions(constants), adam(), sumOfSquares(constants), columnSums(constants),
  ];
  return assemble(functions, constants, 'imported');
}

type Pointer = number;
type Product = (out: Pointer, outStride: number, start: Pointer, startStride: number, a: Pointer, aStride: number, b: Pointer, rows: number, panels: number, inner: number) => void;
type Packing = (out: Pointer, b: Pointer, bStride: number, inner: number, panels: number) => void;

/** What the module exports; the functions are described where their code is written. */
export interface SimdFunctions {
  readonly productRows: Product;
  readonly productColumns: Product;
  readonly packRows: Packing;
  readonly packColumns: Packing;
  silu(y: Pointer, x: Pointer, count: number): void;
  siluAdd(y: Pointer, x: Pointer, r: Pointer, count: number): void;
  siluGradient(dx: Pointer, dy: Pointer, x: Pointer, count: number): void;
  adam(weights: Pointer, ema: Pointer, first: Pointer, second: Pointer, gradient: Pointer, count: number, numbers: Pointer): void;
  squares(out: Pointer, x: Pointer, count: number): void;
  columnSums(out: Pointer, x: Pointer, rows: number, columns: number): void;
}
