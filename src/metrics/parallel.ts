/**
 * Parts of a metric's work that other threads may do. A metric asks for its parts and has their results in order; who did which, and whether there is anybody
 * else at all, changes no bit of them.
 */

/** A pure function whose arguments and results can be sent to another thread. */
export interface Part<Arguments, Result> {
  /** By which the other thread finds it in `parts.ts`. */
  readonly name: string;
  readonly run: (args: Arguments) => Result;
}

export interface Threads {
  /** The results of a part for each of these arguments, in their order. */
  run<Arguments, Result>(part: Part<Arguments, Result>, all: readonly Arguments[]): Result[];
}

let threads: Threads | undefined;

/** From now on metrics share their work with these threads; undefined: they do it alone. */
export function shareWork(others: Threads | undefined): void {
  threads = others;
}

export function inParts<Arguments, Result>(part: Part<Arguments, Result>, all: readonly Arguments[]): Result[] {
  return threads === undefined || all.length < 2 ? all.map((args) => part.run(args)) : threads.run(part, all);
}
