/** What the networks and their optimiser do element by element, in WebAssembly SIMD: one pass over memory each. Arrays are float32, addresses in bytes. */
import { f32x4, FunctionBody, i32, i32x4, v128, type Constants, type V128 } from '../../core/wasm/assembler';
import { advance, loopBy } from './loops';

/**
 * A function over arrays of the same length, called as name(...written, ...read, count, ...parameters): `start` returns what maps four elements of
 * each array that is read to four of each that is written; what it writes itself is done once. An array may be both.
 */
function elementwise(name: string, arrays: { written: readonly string[]; read: readonly string[] }, start: (f: FunctionBody) => (values: readonly V128[]) => readonly V128[], parameters: readonly string[] = []): FunctionBody {
  const names = [...new Set([...arrays.written, ...arrays.read])];
  const f = new FunctionBody(name, [...names, 'count', ...parameters]);
  const pointers = new Map(names.map((array) => [array, f.variable('i32', f.parameter(array))]));
  const left = f.variable('i32', f.parameter('count'));
  const body = start(f);
  for (const lanes of [4, 1] as const) {
    loopBy(f, left, lanes, () => {
      const values = arrays.read.map((array) => pointers.get(array)!.get).map((at) => f.let(lanes === 4 ? v128.load(at) : v128.loadSplat32(at)));
      body(values).forEach((result, i) => {
        const at = pointers.get(arrays.written[i]!)!.get;
        f.do(lanes === 4 ? v128.store(at, result) : v128.store32Lane(at, result, 0));
      });
      for (const pointer of pointers.values()) advance(pointer, i32.const(4 * lanes));
    });
  }
  return f;
}

/**
 * x ↦ 1 + e^−x, to about one unit in the last place of float32; NaN for NaN. With x = n ln 2 + r, |r| ≤ ln 2 / 2, e^−x is 2^−n times a polynomial in r (that
 * of XNNPACK's `f32-vsigmoid` rr2-p5), here without long chains of operations that wait for each other. Adding 1.5 · 2²³ rounds to an integer and leaves it
 * in the low bits, from where it goes into the exponent. As many constants as there are registers for are loaded once.
 */
function onePlusExponential(f: FunctionBody, constants: Constants): (x: V128) => V128 {
  const LARGEST = 87;
  const LN2_HIGH = 0x162e400 / 2 ** 25; // its low bits are zero: products with small integers are exact
  const LN2_LOW = 0x17f7d1c / 2 ** 44;
  const [C1, C2, C3, C4, C5] = [-0x1fffff6 / 2 ** 25, 0x1fffdc6 / 2 ** 26, -0x1555a80 / 2 ** 27, 0x1573a1a / 2 ** 29, -0x10f9f9c / 2 ** 31].map((c) => constants.f32(c)) as [V128, V128, V128, V128, V128];
  const [one, rounder, log, high, low, largest, smallest] = [1, 1.5 * 2 ** 23, -Math.LOG2E, LN2_HIGH, LN2_LOW, LARGEST, -LARGEST].map((c) => f.let(constants.f32(c))) as [V128, V128, V128, V128, V128, V128, V128];
  return (x) => {
    const within = f.let(f32x4.pmax(f32x4.pmin(x, largest), smallest));
    const rounded = f.let(f32x4.add(f32x4.mul(within, log), rounder));
    const minusN = f.let(f32x4.sub(rounded, rounder));
    const r = f.let(f32x4.add(f32x4.add(within, f32x4.mul(minusN, high)), f32x4.mul(minusN, low)));
    const r2 = f.let(f32x4.mul(r, r));
    const upper = f32x4.add(f32x4.add(C2, f32x4.mul(r, C3)), f32x4.mul(r2, f32x4.add(C4, f32x4.mul(r, C5))));
    const mantissa = f32x4.add(f32x4.add(one, f32x4.mul(r, C1)), f32x4.mul(r2, upper));
    return f32x4.add(one, i32x4.add(mantissa, i32x4.shl(rounded, 23)));
  };
}

/** `silu` y = x sigmoid(x), `siluAdd` y = r + x sigmoid(x), `siluGradient` dx = dy s (1 + x (1 − s)). */
export function siluFunctions(constants: Constants): FunctionBody[] {
  const one = constants.f32(1);
  return [
    elementwise('silu', { written: ['y'], read: ['x'] }, (f) => {
      const denominator = onePlusExponential(f, constants);
      return ([x]) => [f32x4.div(x!, denominator(x!))];
    }),
    elementwise('siluAdd', { written: ['y'], read: ['x', 'r'] }, (f) => {
      const denominator = onePlusExponential(f, constants);
      return ([x, r]) => [f32x4.add(r!, f32x4.div(x!, denominator(x!)))];
    }),
    elementwise('siluGradient', { written: ['dx'], read: ['dy', 'x'] }, (f) => {
      const denominator = onePlusExponential(f, constants);
      return ([dy, x]) => {
        const s = f.let(f32x4.div(one, denominator(x!)));
        return [f32x4.mul(dy!, f32x4.mul(s, f32x4.add(one, f32x4.mul(x!, f32x4.sub(one, s)))))];
      };
    }),
  ];
}

/** Where `adam` finds its numbers, each as one float32: from `numbers` on, in this order. */
export const ADAM_NUMBERS = ['scale', 'beta1', 'rest1', 'beta2', 'rest2', 'correction1', 'correction2', 'epsilon', 'learningRate', 'emaDecay'] as const;

/** The Adam step of `src/nets/optimizer.ts` on weights, their average and both moments in place; the gradient is first multiplied by `scale`. */
export function adam(): FunctionBody {
  const state = ['weights', 'ema', 'first', 'second'];
  return elementwise('adam', { written: state, read: [...state, 'gradient'] }, (f) => ([weights, ema, first, second, gradient]) => {
    const number = (name: (typeof ADAM_NUMBERS)[number]): V128 => v128.loadSplat32(f.parameter('numbers'), 4 * ADAM_NUMBERS.indexOf(name));
    const g = f.let(f32x4.mul(gradient!, number('scale')));
    const m = f.let(f32x4.add(f32x4.mul(first!, number('beta1')), f32x4.mul(g, number('rest1'))));
    const v = f.let(f32x4.add(f32x4.mul(second!, number('beta2')), f32x4.mul(f32x4.mul(g, g), number('rest2'))));
    const update = f32x4.div(f32x4.div(m, number('correction1')), f32x4.add(f32x4.sqrt(f32x4.div(v, number('correction2'))), number('epsilon')));
    const w = f.let(f32x4.sub(weights!, f32x4.mul(update, number('learningRate'))));
    return [w, f32x4.add(w, f32x4.mul(f32x4.sub(ema!, w), number('emaDecay'))), m, v];
  }, ['numbers']);
}

/** `squares`: four partial sums of x² to `out`. */
export function sumOfSquares(constants: Constants): FunctionBody {
  const f = new FunctionBody('squares', ['out', 'x', 'count']);
  const x = f.variable('i32', f.parameter('x'));
  const left = f.variable('i32', f.parameter('count'));
  const sums = f.variable('v128', constants.f32(0));
  loopBy(f, left, 4, () => {
    const values = f.let(v128.load(x.get));
    sums.set(f32x4.add(sums.get, f32x4.mul(values, values)));
    advance(x, i32.const(16));
  });
  loopBy(f, left, 1, () => {
    const value = f.let(v128.and(v128.loadSplat32(x.get), constants.i32(-1, 0, 0, 0)));
    sums.set(f32x4.add(sums.get, f32x4.mul(value, value)));
    advance(x, i32.const(4));
  });
  f.do(v128.store(f.parameter('out'), sums.get));
  return f;
}

/** `columnSums`: the sum over the rows of x [rows, columns]. */
export function columnSums(constants: Constants): FunctionBody {
  const f = new FunctionBody('columnSums', ['out', 'x', 'rows', 'columns']);
  const stride = f.variable('i32', i32.shl(f.parameter('columns'), 2)).get;
  const out = f.variable('i32', f.parameter('out'));
  const column = f.variable('i32', f.parameter('x'));
  const x = f.variable('i32', i32.const(0));
  const left = f.variable('i32', i32.const(0));
  const columns = f.variable('i32', f.parameter('columns'));
  for (const lanes of [4, 1] as const) {
    loopBy(f, columns, lanes, () => {
      x.set(column.get);
      left.set(f.parameter('rows'));
      const sum = f.variable('v128', constants.f32(0));
      loopBy(f, left, 1, () => {
        sum.set(f32x4.add(sum.get, lanes === 4 ? v128.load(x.get) : v128.loadSplat32(x.get)));
        advance(x, stride);
      });
      f.do(lanes === 4 ? v128.store(out.get, sum.get) : v128.store32Lane(out.get, sum.get, 0));
      advance(out, i32.const(4 * lanes));
      advance(column, i32.const(4 * lanes));
    });
  }
  return f;
}
