/** Ctrl-C: the first asks for an end, the second has it at once. */

export interface Interrupt {
  /** Aborted by the first Ctrl-C. */
  readonly stop: AbortSignal;
  /** Aborted by the second. */
  readonly kill: AbortSignal;
  /** Gives Ctrl-C its usual meaning back. */
  release(): void;
}

const STOPPING = 'Stopping: the job writes a checkpoint first. The same command again goes on from there; Ctrl-C again ends it at once.';

/**
 * @param say told what a signal does, one line at a time
 * @param stopping what is said of the first
 */
export function catchInterrupts(say: (line: string) => void, stopping = STOPPING): Interrupt {
  const stop = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    if (!stop.signal.aborted) {
      say(stopping);
      stop.abort();
    } else if (!kill.signal.aborted) {
      say('Ending at once. The same command again goes on from the last checkpoint.');
      kill.abort();
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    kill: kill.signal,
    release: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
