import { i32, type FunctionBody, type I32, type Variable } from '../../core/wasm/assembler';

/** Repeats the body while at least `step` are left of the count, and takes them off. */
export function loopBy(f: FunctionBody, count: Variable<'i32'>, step: number, body: () => void): void {
  f.when(i32.geS(count.get, i32.const(step)), () => {
    f.repeatWhile(() => {
      body();
      count.set(i32.sub(count.get, i32.const(step)));
      return i32.geS(count.get, i32.const(step));
    });
  });
}

export function advance(pointer: Variable<'i32'>, bytes: I32): void {
  pointer.set(i32.add(pointer.get, bytes));
}
