/** Operations on the rows of a matrix in WebAssembly SIMD, for factorisations that visit the whole matrix for each of its columns. Float64; addresses in bytes. */
import { f64x2, FunctionBody, i32, v128, type I32, type V128 } from '../core/wasm/assembler';

export interface RowExports {
  /** w += Σ_i u_i m_i over `rows` rows, a multiple of 4, of `bytes` bytes, a multiple of 32, that lie `pitch` bytes apart. */
  readonly addMultiples: (m: number, pitch: number, rows: number, u: number, w: number, bytes: number) => void;
  /** Each row of m: m_i += u_i w, then m_i += f (m_i · v) v, with f at an address of its own. */
  readonly reflectRows: (m: number, pitch: number, rows: number, u: number, w: number, v: number, f: number, bytes: number) => void;
}

/** Runs the body for offsets 0, 32, … below `bytes`. */
function forVectors(f: FunctionBody, bytes: I32, body: (offset: I32) => void): void {
  const offset = f.variable('i32', i32.const(0));
  f.repeatWhile(() => {
    body(offset.get);
    offset.set(i32.add(offset.get, i32.const(32)));
    return i32.ltU(offset.get, bytes);
  });
}

/** Both halves of 32 bytes. */
const HALVES = [0, 16] as const;
const plusProduct = (a: V128, x: V128, y: V128): V128 => f64x2.add(a, f64x2.mul(x, y));

export function addMultiples(): FunctionBody {
  const f = new FunctionBody('addMultiples', ['m', 'pitch', 'rows', 'u', 'w', 'bytes']);
  const m = f.variable('i32', f.parameter('m'));
  const u = f.variable('i32', f.parameter('u'));
  const left = f.variable('i32', f.parameter('rows'));
  // Four rows with one visit to w.
  f.repeatWhile(() => {
    const rows = [0, 1, 2, 3].map((i) => {
      const row = f.variable('i32', m.get);
      m.set(i32.add(m.get, f.parameter('pitch')));
      return { row, factor: f.let(v128.loadSplat64(u.get, 8 * i)) };
    });
    forVectors(f, f.parameter('bytes'), (offset) => {
      for (const half of HALVES) {
        const sum = rows.reduce((so, { row, factor }) => plusProduct(so, factor, v128.load(i32.add(row.get, offset), half)), v128.load(i32.add(f.parameter('w'), offset), half));
        f.do(v128.store(i32.add(f.parameter('w'), offset), sum, half));
      }
    });
    u.set(i32.add(u.get, i32.const(32)));
    left.set(i32.sub(left.get, i32.const(4)));
    return left.get;
  });
  return f;
}

export function reflectRows(): FunctionBody {
  const f = new FunctionBody('reflectRows', ['m', 'pitch', 'rows', 'u', 'w', 'v', 'f', 'bytes']);
  const m = f.variable('i32', f.parameter('m'));
  const u = f.variable('i32', f.parameter('u'));
  const left = f.variable('i32', f.parameter('rows'));
  const at = (base: I32, offset: I32, half: number): V128 => v128.load(i32.add(base, offset), half);
  f.repeatWhile(() => {
    const factor = f.let(v128.loadSplat64(u.get));
    const zero = f64x2.sub(factor, factor);
    const dots = HALVES.map(() => f.variable('v128', zero));
    forVectors(f, f.parameter('bytes'), (offset) => {
      HALVES.forEach((half, i) => {
        const x = f.let(plusProduct(at(m.get, offset, half), factor, at(f.parameter('w'), offset, half)));
        f.do(v128.store(i32.add(m.get, offset), x, half));
        dots[i]!.set(plusProduct(dots[i]!.get, x, at(f.parameter('v'), offset, half)));
      });
    });
    const pair = f.let(f64x2.add(dots[0]!.get, dots[1]!.get));
    const dot = f64x2.add(pair, v128.shuffle32(pair, pair, [2, 3, 0, 1]));
    const along = f.let(f64x2.mul(dot, v128.loadSplat64(f.parameter('f'))));
    forVectors(f, f.parameter('bytes'), (offset) => {
      for (const half of HALVES) f.do(v128.store(i32.add(m.get, offset), plusProduct(at(m.get, offset, half), along, at(f.parameter('v'), offset, half)), half));
    });
    m.set(i32.add(m.get, f.parameter('pitch')));
    u.set(i32.add(u.get, i32.const(8)));
    left.set(i32.sub(left.get, i32.const(1)));
    return left.get;
  });
  return f;
}
