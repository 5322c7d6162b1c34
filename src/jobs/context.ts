/** What a job is given and what a plan consists of: the seam between jobs on one side and worker, launch and command line on the other. No tfjs. */
import type { Engine } from '../runtime/engine';
import type { EventWriter } from '../store/events';
import type { JsonValue, RunKind, RunManifest } from '../store/run';

/** One run of an experiment, before it has a folder. `planExperiment` returns them in execution order. */
export interface PlannedRun {
  /** Names this run among the planned ones. */
  readonly key: string;
  readonly kind: RunKind;
  readonly name: string;
  readonly config: JsonValue;
  /** Same kind and same hash = same result: such a finished run is used again. */
  readonly configHash: string;
  readonly seed: number;
  /** Keys of earlier planned runs. */
  readonly parents: readonly string[];
}

/** A piece of a job that any process can do: a JSON value that `runTask` understands. Results go to the store, never through the executor. */
export type Task = JsonValue;

/** Does tasks, in this process or in several; in which order and how many at a time must not change any result. */
export interface Executor {
  /**
   * Resolves when all tasks are done, or early (running ones finished) when `interrupted()` turns true. `onDone(i)` is called once a task, with its index.
   * Rejects with the first task's error.
   */
  run(tasks: readonly Task[], onDone: (i: number) => void, interrupted: () => boolean): Promise<void>;
}

export interface JobContext {
  /** The run's folder. */
  readonly dir: string;
  readonly manifest: RunManifest;
  readonly events: EventWriter;
  readonly engine: Engine;
  readonly executor: Executor;
  /** True once the user asks the run to stop: write a checkpoint and return 'stopped'. Cheap enough for every step; also keeps the lease alive. */
  interrupted(): boolean;
  /** How many processes the executor works with. */
  readonly processes: number;
}

export type JobResult = 'done' | 'stopped';
