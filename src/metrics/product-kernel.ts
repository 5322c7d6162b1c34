/**
 * Products of tall matrices in WebAssembly SIMD, in float64. A matrix [rows, columns] is packed in panels of four columns: panel p has columns 4p … 4p + 3 of
 * row 0, of row 1, and so on, so that a tile of 4 × 4 sums reads its two panels straight through.
 */
import { assemble, Constants, f64x2, FunctionBody, i32, v128, type I32, type V128 } from '../core/wasm/assembler';
import { addMultiples, reflectRows, type RowExports } from './row-kernel';

/** Addresses from which callers place their matrices. */
export const FREE = 1024;
export const PANEL = 4;
/** Bytes of a panel's row. */
const ROW = 8 * PANEL;

export interface ProductExports extends RowExports {
  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number };
  /** sums[j] += set[i, j] over `rows` rows of float32; [rows, columns], columns a multiple of 4. */
  readonly addRows: (set: number, sums: number, rows: number, columns: number) => void;
  /** Packs set − mean. */
  readonly packCentred: (set: number, mean: number, packed: number, rows: number, columns: number) => void;
  /**
   * out += leftᵀ · right for one left panel and the right panels from the first on: four rows of out, `outPitch` bytes apart, and 4 · `rightPanels` columns.
   * `panelBytes` from one panel of the right matrix to the next.
   */
  readonly addProducts: (left: number, right: number, out: number, rightPanels: number, rows: number, panelBytes: number, outPitch: number) => void;
}

/** Runs a loop while an address that grows by `step` is below its end. */
function forAddresses(f: FunctionBody, begin: I32, bytes: I32, step: number, body: (at: I32) => void): void {
  const at = f.variable('i32', begin);
  const end = f.variable('i32', i32.add(begin, bytes));
  f.repeatWhile(() => {
    body(at.get);
    at.set(i32.add(at.get, i32.const(step)));
    return i32.ltU(at.get, end.get);
  });
}

/** Four float32 as two times two float64. */
function promoted(f: FunctionBody, four: V128): readonly [V128, V128] {
  const x = f.let(four);
  return [f64x2.promoteLowF32x4(x), f64x2.promoteLowF32x4(v128.shuffle32(x, x, [2, 3, 2, 3]))];
}

function addRows(): FunctionBody {
  const f = new FunctionBody('addRows', ['set', 'sums', 'rows', 'columns']);
  const row = i32.shl(f.parameter('columns'), 2);
  const sum = f.variable('i32', f.parameter('sums'));
  // Four columns at a time down all rows: their sums stay in registers.
  forAddresses(f, f.parameter('set'), row, 16, (column) => {
    const [low, high] = [f.variable('v128', v128.load(sum.get)), f.variable('v128', v128.load(sum.get, 16))];
    const at = f.variable('i32', column);
    const left = f.variable('i32', f.parameter('rows'));
    f.repeatWhile(() => {
      const [a, b] = promoted(f, v128.load(at.get));
      low.set(f64x2.add(low.get, a));
      high.set(f64x2.add(high.get, b));
      at.set(i32.add(at.get, row));
      left.set(i32.sub(left.get, i32.const(1)));
      return left.get;
    });
    f.do(v128.store(sum.get, low.get), v128.store(sum.get, high.get, 16));
    sum.set(i32.add(sum.get, i32.const(ROW)));
  });
  return f;
}

function packCentred(): FunctionBody {
  const f = new FunctionBody('packCentred', ['set', 'mean', 'packed', 'rows', 'columns']);
  const row = i32.shl(f.parameter('columns'), 2);
  const mean = f.variable('i32', f.parameter('mean'));
  const to = f.variable('i32', f.parameter('packed'));
  forAddresses(f, f.parameter('set'), row, 16, (column) => {
    const [low, high] = [f.let(v128.load(mean.get)), f.let(v128.load(mean.get, 16))];
    const at = f.variable('i32', column);
    const left = f.variable('i32', f.parameter('rows'));
    f.repeatWhile(() => {
      const [a, b] = promoted(f, v128.load(at.get));
      f.do(v128.store(to.get, f64x2.sub(a, low)), v128.store(to.get, f64x2.sub(b, high), 16));
      to.set(i32.add(to.get, i32.const(ROW)));
      at.set(i32.add(at.get, row));
      left.set(i32.sub(left.get, i32.const(1)));
      return left.get;
    });
    mean.set(i32.add(mean.get, i32.const(ROW)));
  });
  return f;
}

function addProducts(): FunctionBody {
  const f = new FunctionBody('addProducts', ['left', 'right', 'out', 'rightPanels', 'rows', 'panelBytes', 'outPitch']);
  const panel = f.variable('i32', f.parameter('right'));
  forAddresses(f, f.parameter('out'), i32.shl(f.parameter('rightPanels'), 5), ROW, (out) => {
    const places = Array.from({ length: PANEL }, () => f.variable('i32', out));
    for (let i = 1; i < PANEL; i++) places[i]!.set(i32.add(places[i - 1]!.get, f.parameter('outPitch')));
    const sums = places.map((place) => [f.variable('v128', v128.load(place.get)), f.variable('v128', v128.load(place.get, 16))] as const);
    const right = f.variable('i32', panel.get);
    forAddresses(f, f.parameter('left'), i32.shl(f.parameter('rows'), 5), ROW, (left) => {
      const [low, high] = [f.let(v128.load(right.get)), f.let(v128.load(right.get, 16))];
      sums.forEach((sum, i) => {
        const x = f.let(v128.loadSplat64(left, 8 * i));
        sum[0].set(f64x2.add(sum[0].get, f64x2.mul(x, low)));
        sum[1].set(f64x2.add(sum[1].get, f64x2.mul(x, high)));
      });
      right.set(i32.add(right.get, i32.const(ROW)));
    });
    sums.forEach((sum, i) => { f.do(v128.store(places[i]!.get, sum[0].get), v128.store(places[i]!.get, sum[1].get, 16)); });
    panel.set(i32.add(panel.get, f.parameter('panelBytes')));
  });
  return f;
}

export const productKernel = (): Uint8Array<ArrayBuffer> => assemble([addRows(), packCentred(), addProducts(), addMultiples(), reflectRows()], new Constants(0), 1);
