import { instantiate } from '../wasm/instantiate';
import { MAX_BLOCKS, NORMAL_MEMORY, normalKernel, type NormalExports } from './normal-kernel';
import type { Floats } from './normal-reference';

/** The kernel of this process with views of where it writes. */
interface Kernel extends Omit<NormalExports, 'memory'> {
  readonly single: Float32Array;
  readonly double: Float64Array;
}

let kernel: Kernel | null | undefined;

/** Null where the engine has no SIMD. */
function theKernel(): Kernel | null {
  const exports = instantiate<NormalExports>(normalKernel());
  if (exports === undefined) return null;
  const { memory: { buffer }, words, float32, float64 } = exports;
  return {
    words, float32, float64,
    single: new Float32Array(buffer, NORMAL_MEMORY.numbers, 4 * MAX_BLOCKS),
    double: new Float64Array(buffer, NORMAL_MEMORY.numbers, 4 * MAX_BLOCKS),
  };
}

/** `fillNormalRows` of `normal.ts`; false, and nothing done, where the engine has no SIMD. */
export function fillRowsWithSimd(out: Floats, offset: number, count: number, rows: number, seed: number, stream: number, item: number, step: number, alongItems: boolean): boolean {
  if (kernel === undefined) kernel = theKernel();
  if (kernel === null) return false;
  const { words, float32, float64, single, double } = kernel;
  const [normals, numbers] = out instanceof Float32Array ? [float32, single] : [float64, double];
  const perBlock = count <= 2 ? 2 : 4;
  const pitch = perBlock * numbers.BYTES_PER_ELEMENT;
  const blocksPerRow = Math.ceil(count / 4);
  const blocks = rows * blocksPerRow;
  const seedHigh = Math.floor(seed / 4294967296);
  for (let block = 0; block < blocks; block += MAX_BLOCKS) {
    const here = Math.min(MAX_BLOCKS, blocks - block);
    const row = Math.floor(block / blocksPerRow);
    const first = block - row * blocksPerRow;
    words(here, seed, seedHigh, stream, item, step, alongItems ? 1 : 0, row, first, blocksPerRow);
    for (let word = 0; word < perBlock; word += 2) {
      normals(here, NORMAL_MEMORY.plane(word), NORMAL_MEMORY.plane(word + 1), NORMAL_MEMORY.numbers + word * numbers.BYTES_PER_ELEMENT, pitch);
    }
    if (count === blocksPerRow * perBlock) copy(out, offset + block * perBlock, numbers, here * perBlock);
    else copyRows(out, offset, numbers, count, row, first * perBlock, here * perBlock, blocksPerRow * perBlock);
  }
  return true;
}

/** The first `count` of every `pitch` numbers of `length`, of which the first is number `column` of its row. */
function copyRows(out: Floats, offset: number, numbers: Floats, count: number, row: number, column: number, length: number, pitch: number): void {
  let to = offset + row * count + column;
  for (let begin = -column; begin < length; begin += pitch) {
    const end = Math.min(length, begin + count);
    for (let i = Math.max(0, begin); i < end; i++) out[to++] = numbers[i]!;
  }
}

/** A loop for what is no whole call's numbers: a view for `set` would be garbage. */
function copy(out: Floats, to: number, numbers: Floats, count: number): void {
  if (count === numbers.length) {
    out.set(numbers, to);
    return;
  }
  for (let i = 0; i < count; i++) out[to + i] = numbers[i]!;
}
