/** The seam between the process that measures ours and the pieces of work in this folder. */
import type { Engine } from '../../../src/runtime/engine';
import type { Facts, Params } from '../case';

export interface Work {
  readonly facts: Facts;
  /** Does the work so often and says how many seconds that took. */
  run(iterations: number): Promise<number> | number;
  close?(): Promise<void> | void;
}

export interface WorkContext {
  /** Undefined in the process that has none. */
  readonly engine: Engine | undefined;
  /** For files; deleted at the end of the run. */
  readonly scratch: string;
}

/** Opens a piece of work for a case's parameters. */
export type OpenWork = (params: Params, context: WorkContext) => Promise<Work> | Work;

/** Seconds of `iterations` calls. */
export function timed(iterations: number, body: (i: number) => void): number {
  const start = performance.now();
  for (let i = 0; i < iterations; i++) body(i);
  return (performance.now() - start) / 1000;
}
