/** What is used of the global `WebAssembly`, which neither TypeScript's `lib` without a DOM nor Node's types declare. */
interface Engine {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/**
 * The exports of a module without imports. Undefined where the engine has no WebAssembly, or none with SIMD, or may not use it: a page's content
 * security policy may forbid it.
 */
export function instantiate<Exports>(bytes: Uint8Array<ArrayBuffer>): Exports | undefined {
  const engine = (globalThis as { WebAssembly?: unknown }).WebAssembly as Engine | undefined;
  if (engine === undefined) return undefined;
  try {
    return new engine.Instance(new engine.Module(bytes)).exports as Exports;
  } catch {
    return undefined;
  }
}
