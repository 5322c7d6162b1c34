/** The job process's side of a run's control file: looks a few times a second what the user asks. */
import type { Wishes } from '../jobs/context';
import { clearControl, readControl, type Wish } from '../store/control';
import type { RunEventBody } from '../store/events';

const LOOK_MS = 100;
/** A paused process does nothing but look, so it looks less often. */
const PAUSED_LOOK_MS = 250;

export interface ControlOptions {
  readonly dir: string;
  /** Throws when the run is no longer ours. */
  readonly check: () => void;
  readonly append: (event: RunEventBody) => void;
  /** Whether the process was told to end. */
  readonly terminated: () => boolean;
}

/** Stop and pause as jobs ask for them; says in the run's events when it pauses and goes on. */
export class Control implements Wishes {
  #asked = -Infinity;
  #wish: Wish | undefined;
  #pausing: Promise<void> | undefined;

  constructor(private readonly options: ControlOptions) {}

  interrupted(): boolean {
    this.#look();
    return this.#wish === 'stop' || this.options.terminated();
  }

  pause(): Promise<void> | undefined {
    this.#look();
    if (this.#wish !== 'pause' || this.options.terminated()) return undefined;
    // Several lanes of a job wait for one and the same end of it.
    return (this.#pausing ??= this.#paused().finally(() => { this.#pausing = undefined; }));
  }

  #look(): void {
    // Not by the day's time: that may be set back.
    if (performance.now() - this.#asked <= LOOK_MS) return;
    this.options.check();
    this.#wish = readControl(this.options.dir);
    this.#asked = performance.now();
  }

  async #paused(): Promise<void> {
    const { dir, append } = this.options;
    // The job first does what it wants to have done before it idles, such as a checkpoint.
    await Promise.resolve();
    append({ type: 'state', state: 'paused' });
    while (this.#wish === 'pause' && !this.options.terminated()) {
      await new Promise((resolve) => setTimeout(resolve, PAUSED_LOOK_MS));
      this.#look();
    }
    if (this.interrupted()) return;
    clearControl(dir);
    append({ type: 'state', state: 'running' });
  }
}
