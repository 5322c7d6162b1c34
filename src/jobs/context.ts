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
  /** The run's id, where it is there: one that the experiment names, or a student that was made from another one. */
  readonly existing?: string;
}

/** A piece of a job that any process can do: a JSON value that `runTask` understands. Results go to the store, never through the executor. */
export type Task = JsonValue;

/** Does tasks, in this process or in several; in which order and how many at a time must not change any result. */
export interface Executor {
  /**
   * Resolves when all tasks are done, or early (running ones finished) when the run is stopped; starts none while it is paused. `onDone(i)` is called once a
   * task, with its index. Rejects with the first task's error.
   */
  run(tasks: readonly Task[], onDone: (i: number) => void, wishes: Wishes): Promise<void>;
}

/** What the user asks of a run, to be looked at between steps. Cheap enough for every step. */
export interface Wishes {
  /** True once the run shall stop: write a checkpoint and return 'stopped'. */
  interrupted(): boolean;
  /** While the run shall pause: settles when it shall go on or stop (ask `interrupted` then). Undefined when there is nothing to wait for. */
  pause(): Promise<void> | undefined;
}

export interface JobContext extends Wishes {
  /** The run's folder. */
  readonly dir: string;
  readonly manifest: RunManifest;
  readonly events: EventWriter;
  readonly engine: Engine;
  readonly executor: Executor;
  /** How many cores the job may keep busy, whether its executor has several processes or not. */
  readonly cores: number;
}

export type JobResult = 'done' | 'stopped';
