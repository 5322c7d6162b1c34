/** What the networks and their optimiser do element by element, in WebAssembly SIMD: one pass over memory each. Arrays are float32, addresses in bytes. */
import { f32x4, FunctionBody, i32, i32x4, v128, type Code, type Constants, type V128 } from '../../core/wasm/assembler';
import { advance, loopBy } from './loops';

/**
 * A function over arrays of the same length, called as name(...arrays, count): `body` maps four elements of each to what is stored.
 * @param body may return fewer vectors than there are arrays: they go to the first ones.
 */
function elementwise(name: string, arrays: readonly string[], body: (f: FunctionBody, values: readonly V128[]) => readonly V128[], parameters: readonly string[] = []): FunctionBody {
  const f = new FunctionBody(name, [...arrays, 'count', ...parameters]);
  const pointers = arrays.map((array) => f.variable('i32', f.parameter(array)));
  const left = f.variable('i32', f.parameter('count'));
  for (const lanes of [4, 1] as const) {
    loopBy(f, left, lanes, () => {
      const values = pointers.map(({ get }) => f.let(lanes === 4 ? v128.load(get) : v128.loadSplat32(get)));
      body(f, values).forEach((result, i) => {
        const { get } = pointers[i]!;
        f.do(lanes === 4 ? v128.store(get, result) : v128.store32Lane(get, result, 0) as Code<'none'>);
      });
      for (const pointer of pointers) advance(pointer, i32.const(4 * lanes));
    });
  }
  return f;
}

/**
 * e^x for |x| ≤ 88 to about one unit in the last place, NaN for NaN: x = n ln 2 + r with |r| ≤ ln 2 / 2, and a polynomial in r (Cephes `expf`, S. L. Moshier).
 */
function exponential(f: FunctionBody, constants: Constants, x: V128): V128 {
  const n = f.let(f32x4.nearest(f32x4.mul(x, constants.f32(Math.LOG2E))));
  const r = f.let(f32x4.sub(f32x4.sub(x, f32x4.mul(n, constants.f32(0.693359375))), f32x4.mul(n, constants.f32(-2.12194440e-4))));
  const coefficients = [5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4];
  const polynomial = coefficients.map((c) => constants.f32(c)).reduceRight((inner, c) => f32x4.add(c, f32x4.mul(r, inner)));
  const value = f32x4.add(f32x4.add(constants.f32(1), r), f32x4.mul(f32x4.mul(r, r), polynomial));
  const power = i32x4.shl(i32x4.add(f32x4.truncSatToI32x4(n), constants.i32(127)), 23);
  return f32x4.mul(value, power);
}

/** 1 / (1 + e^−x) */
function sigmoid(f: FunctionBody, constants: Constants, x: V128): V128 {
  const within = f32x4.max(f32x4.min(x, constants.f32(88)), constants.f32(-88));
  const one = constants.f32(1);
  return f.let(f32x4.div(one, f32x4.add(one, exponential(f, constants, f.let(f32x4.sub(constants.f32(0), within))))));
}

/** `silu` y = x sigmoid(x), `siluAdd` y = r + x sigmoid(x), `siluGradient` dx = dy s (1 + x (1 − s)). */
export function siluFunctions(constants: Constants): FunctionBody[] {
  const one = constants.f32(1);
  return [
    elementwise('silu', ['y', 'x'], (f, [, x]) => [f32x4.mul(x!, sigmoid(f, constants, x!))]),
    elementwise('siluAdd', ['y', 'x', 'r'], (f, [, x, r]) => [f32x4.add(r!, f32x4.mul(x!, sigmoid(f, constants, x!)))]),
    elementwise('siluGradient', ['dx', 'dy', 'x'], (f, [, dy, x]) => {
      const s = sigmoid(f, constants, x!);
      return [f32x4.mul(dy!, f32x4.mul(s, f32x4.add(one, f32x4.mul(x!, f32x4.sub(one, s)))))];
    }),
  ];
}

/** Where `adam` finds its numbers, each as one float32: from `numbers` on, in this order. */
export const ADAM_NUMBERS = ['scale', 'beta1', 'rest1', 'beta2', 'rest2', 'correction1', 'correction2', 'epsilon', 'learningRate', 'emaDecay'] as const;

/** The Adam step of `src/nets/optimizer.ts` on weights, their average and both moments in place; the gradient is first multiplied by `scale`. */
export function adam(): FunctionBody {
  const arrays = ['weights', 'ema', 'first', 'second', 'gradient'];
  return elementwise('adam', arrays, (f, [weights, ema, first, second, gradient]) => {
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
      f.do(lanes === 4 ? v128.store(out.get, sum.get) : v128.store32Lane(out.get, sum.get, 0) as Code<'none'>);
      advance(out, i32.const(4 * lanes));
      advance(column, i32.const(4 * lanes));
    });
  }
  return f;
}
