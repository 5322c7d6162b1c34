/**
 * Philox4x32-10 and the Box–Muller transform of `normal-reference.ts` in WebAssembly SIMD: the same bits, several times as fast. Letters are those of
 * that file and of `philox.ts`; what is said there about the formulas is not said again.
 *
 * `words` draws the words of many blocks, word k of all of them in plane k; `float32` and `float64` turn two planes into pairs of normals. Integers
 * cannot differ; in the transform each lane does the operations of the reference in their order, and where another way is taken (exponents instead of
 * `clz32`, signs instead of products with 0, 1 and −1) it is exact.
 */
import { assemble, Constants, f64x2, FunctionBody, i32, i32x4, i64x2, v128, type V128, type Variable } from '../wasm/assembler';

/** L1 …, S1 …, C1 … and the rest of the reference, which has them inside its functions for the speed of JavaScript. */
const LOGARITHM = [6.666666666666735130e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1, 1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1];
const SINE = [-1.66666666666666324348e-1, 8.33333333332248946124e-3, -1.98412698298579493134e-4, 2.75573137070700676789e-6, -2.50507602534068634195e-8, 1.58969099521155010221e-10];
const COSINE = [4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5, -2.75573143513906633035e-7, 2.08757232129817482790e-9, -1.13596475577881948265e-11];
const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const RADIANS = 6.28318530717958647693 / 17179869184;

/** Most blocks of one call: their words and numbers stay in the first-level cache. */
export const MAX_BLOCKS = 512;
/** Blocks that are drawn at a time: two vectors hide each other's latency. Planes and numbers have room for as many more. */
const GROUP = 8;
/** Addresses in memory: the keys of ten rounds, constants, the planes of words, and the numbers. */
const KEYS = 0;
const CONSTANTS = 512;
const PLANES = 2048;
const PLANE_BYTES = 4 * (MAX_BLOCKS + GROUP);
const NUMBERS = 16384;
export const NORMAL_MEMORY = { numbers: NUMBERS, plane: (word: number): number => PLANES + word * PLANE_BYTES };

const ROUNDS = 10;

/** Four words of four blocks: w[k] has word k. */
type Words = readonly [V128, V128, V128, V128];
type I32Variable = Variable<'i32'>;

function philoxRound(f: FunctionBody, [x0, x1, x2, x3]: Words, round: number, M0: V128, M1: V128): Words {
  const product = (x: V128, M: V128): { low: V128; high: V128 } => {
    const p = f.let(i64x2.extmulLowI32x4U(x, M));
    const q = f.let(i64x2.extmulHighI32x4U(x, M));
    return { low: f.let(v128.shuffle32(p, q, [0, 2, 4, 6])), high: v128.shuffle32(p, q, [1, 3, 5, 7]) };
  };
  const a = product(x0, M0);
  const b = product(x2, M1);
  const key = (which: 0 | 1): V128 => v128.load(i32.const(0), KEYS + 32 * round + 16 * which);
  return [f.let(v128.xor(v128.xor(b.high, x1), key(0))), b.low, f.let(v128.xor(v128.xor(a.high, x3), key(1))), a.low];
}

/** c0 + x (c1 + x (c2 + …)) */
function horner(x: V128, coefficients: readonly V128[]): V128 {
  return coefficients.reduceRight((inner, c) => f64x2.add(c, f64x2.mul(x, inner)));
}

/** Writes the kernel's functions; `NormalExports` says what they do. */
class NormalKernel {
  private readonly constants = new Constants(CONSTANTS);

  build(): Uint8Array<ArrayBuffer> {
    return assemble([this.words(), this.normals('float32'), this.normals('float64')], this.constants, 1);
  }

  private words(): FunctionBody {
    const f = new FunctionBody('words', ['blocks', 'seedLow', 'seedHigh', 'stream', 'item', 'step', 'alongItems', 'firstRow', 'firstBlock', 'blocksPerRow']);
    this.keySchedule(f);
    const counters = this.counters(f);
    const [M0, M1] = [f.let(this.constants.i32(0xd2511f53)), f.let(this.constants.i32(0xcd9e8d57))];
    const at = f.variable('i32', i32.const(0));
    f.repeatWhile(() => {
      let states = Array.from({ length: GROUP / 4 }, () => counters.next());
      for (let round = 0; round < ROUNDS; round++) states = states.map((words) => philoxRound(f, words, round, M0, M1));
      states.forEach((words, group) => { words.forEach((word, k) => { f.do(v128.store(at.get, word, NORMAL_MEMORY.plane(k) + 16 * group)); }); });
      at.set(i32.add(at.get, i32.const(4 * GROUP)));
      return i32.ltU(at.get, i32.shl(f.parameter('blocks'), 2));
    });
    return f;
  }

  private normals(float: 'float32' | 'float64'): FunctionBody {
    const f = new FunctionBody(float, ['blocks', 'radiusPlane', 'anglePlane', 'numbers', 'pitch']);
    const [radius, angle, at, pitch] = (['radiusPlane', 'anglePlane', 'numbers', 'pitch'] as const).map((name) => f.variable('i32', f.parameter(name))) as [I32Variable, I32Variable, I32Variable, I32Variable];
    const end = f.variable('i32', i32.add(radius.get, i32.shl(f.parameter('blocks'), 2)));
    f.repeatWhile(() => {
      const rho = f.let(f64x2.sqrt(this.minusTwoLogUniform(f, v128.load64Zero(radius.get))));
      const { cos, sin } = this.turn(f, f.let(v128.load64Zero(angle.get)));
      const z = [f.let(f64x2.mul(rho, cos)), f.let(f64x2.mul(rho, sin))] as const;
      const next = f.variable('i32', i32.add(at.get, pitch.get));
      if (float === 'float64') {
        f.do(v128.store(at.get, v128.shuffle32(...z, [0, 1, 4, 5])), v128.store(next.get, v128.shuffle32(...z, [2, 3, 6, 7])));
      } else {
        const pairs = f.let(v128.shuffle32(f64x2.demoteToF32x4Zero(z[0]), f64x2.demoteToF32x4Zero(z[1]), [0, 4, 1, 5]));
        f.do(v128.store64Lane(at.get, pairs, 0), v128.store64Lane(next.get, pairs, 1));
      }
      at.set(i32.add(next.get, pitch.get));
      angle.set(i32.add(angle.get, i32.const(8)));
      radius.set(i32.add(radius.get, i32.const(8)));
      return i32.ltU(radius.get, end.get);
    });
    return f;
  }

  /** key + round · W to memory, in all lanes. */
  private keySchedule(f: FunctionBody): void {
    for (const [which, seed, W] of [[0, 'seedLow', 0x9e3779b9], [1, 'seedHigh', 0xbb67ae85]] as const) {
      const key = f.variable('v128', i32x4.splat(f.parameter(seed)));
      const step = f.let(this.constants.i32(W));
      for (let round = 0; round < ROUNDS; round++) {
        f.do(v128.store(i32.const(0), key.get, KEYS + 32 * round + 16 * which));
        key.set(i32x4.add(key.get, step));
      }
    }
  }

  /** Counts through blocks (c0) and rows (c1 = step or c2 = item), four at a time. */
  private counters(f: FunctionBody): { next: () => Words } {
    const { constants } = this;
    const perRow = f.let(i32x4.splat(f.parameter('blocksPerRow')));
    const alongItems = f.let(i32x4.splat(i32.sub(i32.const(0), f.parameter('alongItems'))));
    const alongSteps = f.let(v128.xor(alongItems, constants.i32(-1)));
    const [step, item, stream] = (['step', 'item', 'stream'] as const).map((name) => f.let(i32x4.splat(f.parameter(name)))) as [V128, V128, V128];
    const block = f.variable('v128', i32x4.add(i32x4.splat(f.parameter('firstBlock')), constants.i32(0, 1, 2, 3)));
    const row = f.variable('v128', i32x4.splat(f.parameter('firstRow')));
    const next = (): Words => {
      // Lanes beyond their row's last block go on in the next row, over several rows where these are short.
      f.repeatWhile(() => {
        const beyond = f.let(i32x4.geU(block.get, perRow));
        block.set(i32x4.sub(block.get, v128.and(beyond, perRow)));
        row.set(i32x4.sub(row.get, beyond));
        return v128.anyTrue(beyond);
      });
      const words: Words = [f.let(block.get), f.let(i32x4.add(step, v128.and(row.get, alongSteps))), f.let(i32x4.add(item, v128.and(row.get, alongItems))), stream];
      block.set(i32x4.add(block.get, constants.i32(4)));
      return words;
    };
    return { next };
  }

  private minusTwoLogUniform(f: FunctionBody, word: V128): V128 {
    const { constants } = this;
    const EXPONENT_ONE = 1023n << 52n;
    const SQRT_HALF = 0xb504f334n; // times 2⁻³²: of m
    // w as a float64 is 2^(31 − leadingZeros) times a mantissa in [1, 2); ½ for w = 0, which has the exponent of 32 leading zeros.
    const w = f.let(f64x2.convertLowI32x4U(word));
    const exact = f.let(f64x2.pmax(w, constants.f64(0.5)));
    // Where the mantissa is √½ · 2 or more a carry raises the exponent, which then is 32 − z.
    const carried = f.let(i64x2.add(exact, constants.i64((1n << 52n) - ((SQRT_HALF - (1n << 31n)) << 21n))));
    const exponent = f.let(v128.and(carried, constants.i64(0x7ffn << 52n)));
    const m = f.let(i64x2.sub(f64x2.add(w, constants.f64(0.5)), i64x2.sub(exponent, constants.i64(EXPONENT_ONE))));
    // An integer in the low bits of 2⁵² is 2⁵² plus that integer.
    const z = f.let(f64x2.sub(constants.f64(2 ** 52 + 1023 + 32), v128.or(i64x2.shrU(carried, 52), constants.f64(2 ** 52))));
    const one = constants.f64(1);
    const s = f.let(f64x2.div(f64x2.sub(m, one), f64x2.add(m, one)));
    const s2 = f.let(f64x2.mul(s, s));
    const tail = f64x2.mul(s2, horner(s2, LOGARITHM.map((L) => constants.f64(L))));
    const logarithm = f64x2.sub(f64x2.mul(s, f64x2.add(constants.f64(2), tail)), f64x2.mul(z, constants.f64(LN2_LOW)));
    return f64x2.mul(constants.f64(2), f64x2.sub(f64x2.mul(z, constants.f64(LN2_HIGH)), logarithm));
  }

  private turn(f: FunctionBody, word: V128): { cos: V128; sin: V128 } {
    const { constants } = this;
    const x = f.let(f64x2.mul(f64x2.convertLowI32x4S(i32x4.add(i32x4.shl(word, 2), constants.i32(2))), constants.f64(RADIANS)));
    const x2 = f.let(f64x2.mul(x, x));
    const sin = f.let(f64x2.add(x, f64x2.mul(f64x2.mul(x, x2), horner(x2, SINE.map((S) => constants.f64(S))))));
    const tail = f64x2.mul(f64x2.mul(x2, x2), horner(x2, COSINE.map((C) => constants.f64(C))));
    const cos = f.let(f64x2.sub(constants.f64(1), f64x2.sub(f64x2.mul(constants.f64(0.5), x2), tail)));
    // The quadrant's two bits, highest first, are ba: a swaps sine and cosine, b is the sign of the sine, b ^ a that of the cosine.
    const quadrant = f.let(i32x4.add(word, constants.i32(0x20000000)));
    const swapped = f.let(i64x2.extendLowI32x4S(i32x4.shrS(i32x4.shl(quadrant, 1), 31)));
    const sign = (bits: V128): V128 => v128.and(i64x2.extendLowI32x4S(bits), constants.i64(-(1n << 63n)));
    return {
      cos: v128.xor(v128.bitselect(sin, cos, swapped), sign(v128.xor(quadrant, i32x4.shl(quadrant, 1)))),
      sin: v128.xor(v128.bitselect(cos, sin, swapped), sign(quadrant)),
    };
  }
}

export interface NormalExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /**
   * Draws at least `blocks` ≤ MAX_BLOCKS blocks into the planes: from block `firstBlock` of row `firstRow` on through the blocks of a row and the rows. A row
   * is an item (`alongItems` = 1) or a step (0), counted from `item` and `step`.
   */
  readonly words: (
    blocks: number, seedLow: number, seedHigh: number, stream: number, item: number, step: number, alongItems: 0 | 1, firstRow: number, firstBlock: number, blocksPerRow: number,
  ) => void;
  /** Two normals for each of at least `blocks` words in two planes, to the address `numbers` and every `pitch` bytes. */
  readonly float32: (blocks: number, radiusPlane: number, anglePlane: number, numbers: number, pitch: number) => void;
  readonly float64: (blocks: number, radiusPlane: number, anglePlane: number, numbers: number, pitch: number) => void;
}

export const normalKernel = (): Uint8Array<ArrayBuffer> => new NormalKernel().build();
