/** Follows a run's events while another process writes them. */
import { watch, type FSWatcher } from 'node:fs';
import { EventReader, type RunEvent } from '../store/events';

export interface FollowOptions {
  /**
   * `all` events, only `new` ones, which leaves out the last state of a run that is about to be resumed, or those of the present `execution`, which does so for
   * one that has been.
   */
  readonly from?: 'all' | 'new' | 'execution';
  /** Resolves when the writing process has ended: whatever it had written is still delivered, then the iterator ends. */
  readonly ended?: Promise<unknown>;
  readonly signal?: AbortSignal;
}

/** Watching a folder misses changes on network file systems and elsewhere, so it only makes the answer quicker than this. */
const POLL_MS = 250;

/** Reads what is there at once (or skips it), then yields events until the run ends, `ended` resolves or `signal` aborts. */
export function followRun(dir: string, options: FollowOptions = {}): AsyncGenerator<RunEvent, void, void> {
  const reader = new EventReader(dir);
  const written = options.from === 'all' || options.from === undefined ? [] : reader.read();
  const start = written.findLastIndex((event) => event.type === 'state' && event.state === 'running');
  return follow(dir, reader, options.from === 'execution' ? written.slice(Math.max(start, 0)) : [], options);
}

async function* follow(dir: string, reader: EventReader, first: readonly RunEvent[], { ended, signal }: FollowOptions): AsyncGenerator<RunEvent, void, void> {
  const bell = new Bell();
  let over = false as boolean; // callbacks set it, which the compiler does not see
  const finish = (): void => {
    over = true;
    bell.ring();
  };
  ended?.then(finish, finish);
  signal?.addEventListener('abort', finish, { once: true });
  const watcher = watchFolder(dir, () => bell.ring());
  try {
    for (const event of first) {
      yield event;
      if (isEnd(event)) return;
    }
    for (;;) {
      // Read once more after the end was announced: the last events may have come in between.
      const last = over;
      for (const event of reader.read()) {
        yield event;
        if (isEnd(event)) return;
      }
      if (last) return;
      if (!over) await bell.wait(POLL_MS);
    }
  } finally {
    watcher?.close();
    signal?.removeEventListener('abort', finish);
  }
}

/** Whether a run is over with this event. */
export function isEnd(event: RunEvent): boolean {
  return event.type === 'state' && (event.state === 'done' || event.state === 'failed' || event.state === 'stopped');
}

function watchFolder(dir: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(dir, { persistent: false }, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** Somebody waits; somebody rings, perhaps before. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
    this.#wake = undefined;
  }
}
