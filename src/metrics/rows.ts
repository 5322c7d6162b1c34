/** Operations on rows of numbers in one array, by their positions in it: on the SIMD kernel, or plainly where the engine has none. */
import { withRoom } from './products';

export interface RowOperations {
  readonly numbers: Float64Array;
  /** w += Σ_i u_i m_i over `rows` rows of `count` numbers, `pitch` apart; rows and count are multiples of 4. */
  readonly addMultiples: (m: number, pitch: number, rows: number, u: number, w: number, count: number) => void;
  /** Each row of m: m_i += u_i w, then m_i += f (m_i · v) v; count is a multiple of 4. */
  readonly reflectRows: (m: number, pitch: number, rows: number, u: number, w: number, v: number, f: number, count: number) => void;
}

/** Runs `use` on `length` zeros. */
export function withRows<T>(length: number, use: (operations: RowOperations) => T): T {
  const fast = withRoom([8 * length], ({ memory: { buffer }, addMultiples, reflectRows }, [base]) => {
    const at = (position: number): number => base! + 8 * position;
    return {
      value: use({
        numbers: new Float64Array(buffer, base, length),
        addMultiples(m, pitch, rows, u, w, count) { if (rows > 0 && count > 0) addMultiples(at(m), 8 * pitch, rows, at(u), at(w), 8 * count); },
        reflectRows(m, pitch, rows, u, w, v, f, count) { if (rows > 0 && count > 0) reflectRows(at(m), 8 * pitch, rows, at(u), at(w), at(v), at(f), 8 * count); },
      }),
    };
  });
  return fast === undefined ? use(plainRows(length)) : fast.value;
}

/** `withRows` without SIMD. */
export function plainRows(length: number): RowOperations {
  const x = new Float64Array(length);
  return {
    numbers: x,
    addMultiples(m, pitch, rows, u, w, count) {
      for (let i = 0; i < rows; i++) for (let j = 0; j < count; j++) x[w + j]! += x[u + i]! * x[m + i * pitch + j]!;
    },
    reflectRows(m, pitch, rows, u, w, v, f, count) {
      for (let i = 0; i < rows; i++) {
        const row = m + i * pitch;
        let dot = 0;
        for (let j = 0; j < count; j++) dot += (x[row + j]! += x[u + i]! * x[w + j]!) * x[v + j]!;
        for (let j = 0; j < count; j++) x[row + j]! += x[f]! * dot * x[v + j]!;
      }
    },
  };
}
