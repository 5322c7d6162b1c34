/** What is used of the global `WebAssembly`, which neither TypeScript's `lib` without a DOM nor Node's types declare. */
interface Engine {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports?: object) => { readonly exports: unknown };
}

/**
 * The exports of a module. Undefined where the engine has no WebAssembly, or none with SIMD, or may not use it: a page's content
 * security policy can forbid it.
 * @param memory the memory of another module, for one that imports it.
 */
// The type is what the caller knows of the module it wrote, in one place instead of an assertion at each call.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function instantiate<Exports>(bytes: Uint8Array<ArrayBuffer>, memory?: unknown): Exports | undefined {
  const engine = (globalThis as { WebAssembly?: unknown }).WebAssembly as Engine | undefined;
  if (engine === undefined) return undefined;
  try {
    return new engine.Instance(new engine.Module(bytes), { host: { memory } }).exports as Exports;
  } catch {
    return undefined;
  }
}
