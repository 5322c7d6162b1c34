/** Jobs as the editor starts them: the `sigdeg` command in a process of its own, so that the whole plan of an experiment goes on without the window. */

/** One command of `dist/cli.js`, with the options that go with every command left out. */
export interface JobRequest {
  /** Shown in notifications and in the status bar: `8-gaussians`. */
  readonly title: string;
  /** `['distill', '/abs/x.sigdeg.json', '--set', 'students.0.steps=5']` */
  readonly words: readonly string[];
}

export interface Job extends JobRequest {
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'stopped';
  /** Runs that it has made or goes on with so far, in order. */
  readonly runs: readonly string[];
  /** `CODE: message` of a failed one. */
  readonly error?: string;
  /** What the command of a finished one said, as its `--json`. */
  readonly result?: unknown;
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<void>;
}

export interface Jobs {
  /** Starts it, or queues it behind `sigdeg.maxConcurrentJobs`. Throws SigdegError NO_ACCESS in an untrusted folder, NOT_FOUND without a Node. */
  start(request: JobRequest): Promise<Job>;
  /** Asks for a checkpoint and an end; a queued one is taken out of the queue. */
  stop(job: Job): void;
  readonly all: readonly Job[];
  onChange(listener: () => void): () => void;
}
