/**
 * A small assembler for WebAssembly with 128-bit SIMD: what plain JavaScript has no instruction for is written in TypeScript, as expressions with the
 * specification's names, and becomes a module when it is first needed. Nothing is compiled at build time, so the source is all there is, and it runs
 * wherever the rest does.
 *
 * Code is a list of bytes of the binary format (WebAssembly Core Specification 2.0, chapter 5): an expression leaves one value, so operands are just
 * put before their operator. Addresses are those of the module's own memory.
 */

/** What an expression leaves, or `none`: a statement. */
export type ValueType = 'i32' | 'v128';
declare const type: unique symbol;
export type Code<T extends ValueType | 'none'> = readonly number[] & { readonly [type]?: T };
export type I32 = Code<'i32'>;
export type V128 = Code<'v128'>;
type Statement = Code<'none'>;

const TYPE_BYTE: Record<ValueType, number> = { i32: 0x7f, v128: 0x7b };

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** LEB128, signed. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest >= -0x40 && rest < 0x40) return [...bytes, rest & 0x7f];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const unary = (opcode: number) => (a: V128): V128 => [...a, ...simd(opcode)];
const binary = (opcode: number) => (a: V128, b: V128): V128 => [...a, ...b, ...simd(opcode)];
const shift = (opcode: number) => (a: V128, bits: number): V128 => [...a, ...i32.const(bits), ...simd(opcode)];
const splat = (opcode: number) => (a: I32): V128 => [...a, ...simd(opcode)];
const scalar = (opcode: number) => (a: I32, b: I32): I32 => [...a, ...b, opcode];
/** Alignment is a hint; 0 promises none. */
const access = (opcode: number, offset: number): number[] => [...simd(opcode), 0, ...unsigned(offset)];

export const i32 = {
  const: (value: number): I32 => [0x41, ...signed(value | 0)],
  add: scalar(0x6a),
  sub: scalar(0x6b),
  mul: scalar(0x6c),
  ltU: scalar(0x49),
  geS: scalar(0x4e),
  shl: (a: I32, bits: number): I32 => [...a, ...i32.const(bits), 0x74],
};

export const v128 = {
  load: (address: I32, offset = 0): V128 => [...address, ...access(0, offset)],
  loadSplat32: (address: I32, offset = 0): V128 => [...address, ...access(9, offset)],
  loadSplat64: (address: I32, offset = 0): V128 => [...address, ...access(10, offset)],
  /** The lower 64 bits from memory, zeros above. */
  load64Zero: (address: I32, offset = 0): V128 => [...address, ...access(93, offset)],
  store: (address: I32, value: V128, offset = 0): Statement => [...address, ...value, ...access(11, offset)],
  /** Stores one 32-bit lane. */
  store32Lane: (address: I32, value: V128, lane: 0 | 1 | 2 | 3, offset = 0): Statement => [...address, ...value, ...access(90, offset), lane],
  /** Stores one 64-bit lane. */
  store64Lane: (address: I32, value: V128, lane: 0 | 1, offset = 0): Statement => [...address, ...value, ...access(91, offset), lane],
  and: binary(78),
  or: binary(80),
  xor: binary(81),
  /** Bits of `a` where the mask has ones, of `b` elsewhere. */
  bitselect: (a: V128, b: V128, mask: V128): V128 => [...a, ...b, ...mask, ...simd(82)],
  anyTrue: (a: V128): I32 => [...a, ...simd(83)],
  /** Four 32-bit lanes out of the eight of a (0–3) and b (4–7). */
  shuffle32: (a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 => [...a, ...b, ...simd(13), ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))],
};

export const i32x4 = { splat: splat(17), geU: binary(64), shl: shift(171), shrS: shift(172), add: binary(174), sub: binary(177) };

export const i64x2 = { extendLowI32x4S: unary(199), shrU: shift(205), add: binary(206), sub: binary(209), extmulLowI32x4U: binary(222), extmulHighI32x4U: binary(223) };

export const f32x4 = {
  sqrt: unary(227),
  add: binary(228),
  sub: binary(229),
  mul: binary(230),
  div: binary(231),
  /** b < a ? b : a, so a where either is NaN; one instruction, unlike `min`. */
  pmin: binary(234),
  /** a < b ? b : a */
  pmax: binary(235),
};

export const f64x2 = {
  demoteToF32x4Zero: unary(94),
  promoteLowF32x4: unary(95),
  sqrt: unary(239),
  add: binary(240),
  sub: binary(241),
  mul: binary(242),
  div: binary(243),
  /** a < b ? b : a */
  pmax: binary(247),
  convertLowI32x4S: unary(254),
  convertLowI32x4U: unary(255),
};

/** A local that changes. */
export interface Variable<T extends ValueType> {
  readonly get: Code<T>;
  set(value: Code<T>): void;
}

/** One function without a result, written statement by statement; exported under its name. */
export class FunctionBody {
  private readonly code: number[] = [];
  private readonly locals: ValueType[] = [];

  constructor(readonly name: string, readonly parameters: readonly string[]) {}

  /** A parameter; all are i32. */
  parameter(name: string): I32 {
    const index = this.parameters.indexOf(name);
    if (index < 0) throw new RangeError(`${this.name} has no parameter ${name}`);
    return [0x20, ...unsigned(index)];
  }

  do(...statements: readonly Statement[]): void {
    for (const statement of statements) for (const byte of statement) this.code.push(byte);
  }

  variable<T extends ValueType>(valueType: T, initial: Code<T>): Variable<T> {
    const index = unsigned(this.parameters.length + this.locals.push(valueType) - 1);
    const set = (value: Code<T>): void => this.do([...value, 0x21, ...index]);
    set(initial);
    return { get: [0x20, ...index], set };
  }

  /** A name for a vector that is used more than once. */
  let(value: V128): V128 {
    return this.variable('v128', value).get;
  }

  /** Runs the body if the condition is not zero. */
  when(condition: I32, body: () => void): void {
    this.do([...condition, 0x04, 0x40]);
    body();
    this.do([0x0b]);
  }

  /** Runs the body and, as long as the condition that it returns is not zero, again. */
  repeatWhile(body: () => I32): void {
    this.do([0x03, 0x40]);
    const condition = body();
    this.do([...condition, 0x0d, 0, 0x0b]);
  }

  /** @returns the entry of the code section */
  encode(): number[] {
    const locals = this.locals.map((valueType) => [1, TYPE_BYTE[valueType]]);
    const body = [...unsigned(locals.length), ...locals.flat(), ...this.code, 0x0b];
    return [...unsigned(body.length), ...body];
  }
}

/** Constants of a module: each takes 16 bytes of memory, since engines build a vector from immediate numbers anew wherever it stands. */
export class Constants {
  private readonly bytes: number[] = [];
  private readonly known = new Map<string, V128>();
  constructor(readonly address: number) {}

  f64(value: number): V128 {
    return this.place(new Uint8Array(Float64Array.of(value, value).buffer));
  }

  f32(value: number): V128 {
    return this.place(new Uint8Array(Float32Array.of(value, value, value, value).buffer));
  }

  i32(...lanes: readonly number[]): V128 {
    return this.place(new Uint8Array(Int32Array.from({ length: 4 }, (_, i) => lanes[i % lanes.length]!).buffer));
  }

  i64(value: bigint): V128 {
    return this.place(new Uint8Array(BigInt64Array.of(value, value).buffer));
  }

  /** @returns the entry of the data section */
  encode(): number[] {
    return [0, ...i32.const(this.address), 0x0b, ...unsigned(this.bytes.length), ...this.bytes];
  }

  private place(vector: Uint8Array): V128 {
    const key = vector.join();
    const load = this.known.get(key) ?? v128.load(i32.const(0), this.address + this.bytes.length);
    if (!this.known.has(key)) this.bytes.push(...vector);
    this.known.set(key, load);
    return load;
  }
}

const list = (entries: readonly (readonly number[])[]): number[] => [...unsigned(entries.length), ...entries.flat()];
const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];
const text = (word: string): number[] => list(Array.from(word, (letter) => [letter.charCodeAt(0)]));

/**
 * A module of these functions.
 * @param memory pages of 64 KiB of a memory of its own, exported as `memory`; or the memory that it is given as the import `host.memory`.
 */
export function assemble(functions: readonly FunctionBody[], constants: Constants, memory: number | 'imported'): Uint8Array<ArrayBuffer> {
  const imported = memory === 'imported';
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list(functions.map(({ parameters }) => [0x60, ...list(parameters.map(() => [TYPE_BYTE.i32])), 0]))),
    ...(imported ? section(2, list([[...text('host'), ...text('memory'), 2, 0, 1]])) : []),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...(imported ? [] : section(5, list([[0, ...unsigned(memory)]]))),
    ...section(7, list([...(imported ? [] : [[...text('memory'), 2, 0]]), ...functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)])])),
    ...section(10, list(functions.map((body) => body.encode()))),
    ...section(11, list([constants.encode()])),
  ]);
}
