/** The editor's jobs: a queue, the processes that this window started, and those that an earlier one left. Knows nothing of VS Code. */
import { messageOf, SigdegError } from '../../core/errors';
import { writeControl } from '../../store/control';
import type { RunIndex } from '../../store/run-index';
import type { Job, JobRequest, Jobs } from '../jobs';
import { untrusted } from '../untrusted';
import { isAlive, lastWords, outcomeOf, startProcess, type JobCommand, type JobOutcome } from './job-process';
import { dropRecord, newRecord, readRecords, readRuns, writeRecord, type JobRecord } from './job-record';

export interface JobsHost {
  /** Where jobs' folders are. */
  readonly folder: string;
  readonly runs: RunIndex;
  trusted(): boolean;
  maxConcurrent(): number;
  /** What to start a job with, as things are now. Rejects with a SigdegError NOT_FOUND when there is no Node. */
  command(): Promise<JobCommand>;
  /** A job has ended, with the last lines that it wrote. */
  onEnd?(job: Job, words: string): void;
}

const LOOK_MS = 500;

/** What is known of a job; `Job` is what others see of it. */
class LocalJob implements Job {
  state: Job['state'] = 'queued';
  runs: readonly string[] = [];
  error?: string;
  result?: unknown;
  stopAsked = false;
  /** Whether its command was told: told twice it would end at once, without a checkpoint. */
  signalled = false;
  /** Left by an earlier window: nobody waits for its process. */
  adopted = false;
  /** Whether it ends with the window. */
  tied = false;
  end: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => (this.end = resolve));

  constructor(public record: JobRecord) {}

  get title(): string {
    return this.record.title;
  }

  get words(): readonly string[] {
    return this.record.words;
  }
}

export class LocalJobs implements Jobs {
  readonly #jobs: LocalJob[] = [];
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly host: JobsHost) {}

  get all(): readonly Job[] {
    return this.#jobs;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async start(request: JobRequest): Promise<Job> {
    if (!this.host.trusted()) throw untrusted();
    // Before it waits in the queue: who asked learns at once that there is no Node.
    await this.host.command();
    const job = new LocalJob(newRecord(this.host.folder, request));
    this.#jobs.push(job);
    this.advance();
    this.#changed();
    return job;
  }

  stop(job: Job): void {
    const own = this.#jobs.find((each) => each === job);
    if (own === undefined) return;
    own.stopAsked = true;
    if (own.state === 'queued') this.#finish(own, { state: 'stopped' });
    else if (own.state === 'running') this.#askToStop(own);
  }

  /** Takes over what an earlier window left: jobs that run are watched, those that waited wait on. */
  adopt(): void {
    for (const record of readRecords(this.host.folder)) {
      if (this.#jobs.some((job) => job.record.dir === record.dir)) continue;
      const job = new LocalJob(record);
      this.#jobs.push(job);
      if (record.pid === null) continue;
      job.state = 'running';
      job.adopted = true;
      this.#watch();
    }
    this.#look();
    this.advance();
    this.#changed();
  }

  /** The window closes: jobs that must not outlive it write a checkpoint and end; of those that wait only what outlives it is kept. */
  close(surviveWindow: boolean): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#listeners.clear();
    for (const job of this.#jobs) {
      if (job.state === 'running' && job.tied) this.#askToStop(job);
      if (job.state === 'queued' && !surviveWindow) dropRecord(job.record.dir);
    }
  }

  /** Starts what may start now: also when the settings or the trust have changed. */
  advance(): void {
    if (this.#closed || !this.host.trusted()) return;
    for (const job of this.#jobs) {
      const running = this.#jobs.filter(({ state }) => state === 'running').length;
      if (running >= this.host.maxConcurrent()) return;
      if (job.state === 'queued') void this.#run(job);
    }
  }

  async #run(job: LocalJob): Promise<void> {
    job.state = 'running';
    let exit: number | string | null = null;
    try {
      const command = await this.host.command();
      job.tied = !command.detached;
      const started = await startProcess(job.record, command);
      job.record = { ...job.record, pid: started.pid };
      writeRecord(job.record);
      this.#watch();
      if (job.stopAsked) this.#askToStop(job);
      exit = await started.exit;
    } catch (error) {
      this.#finish(job, { state: 'failed', error: `${error instanceof SigdegError ? error.code : 'INTERNAL'}: ${messageOf(error)}` });
      return;
    }
    job.runs = readRuns(job.record.dir);
    this.#finish(job, outcomeOf(job.record.dir, exit, job.stopAsked));
  }

  /** Asks every run that it works on, and its command, which then starts no more of them. */
  #askToStop(job: LocalJob): void {
    const { record } = job;
    for (const id of job.runs) {
      const run = this.host.runs.get(id);
      if (run?.state === 'running' || run?.state === 'paused') writeControl(run.dir, 'stop');
    }
    // On Windows there is no signal that a program could answer.
    if (process.platform === 'win32' || job.signalled || record.pid === null || !isAlive(record)) return;
    job.signalled = true;
    process.kill(record.pid, 'SIGTERM');
  }

  #finish(job: LocalJob, { state, error, result }: JobOutcome): void {
    if (job.state !== 'queued' && job.state !== 'running') return;
    // The next window tells how a job that outlives this one ended.
    if (this.#closed && !job.tied) return;
    job.state = state;
    if (error !== undefined) job.error = error;
    if (result !== undefined) job.result = result;
    const words = lastWords(job.record.dir).text();
    dropRecord(job.record.dir);
    if (!this.#jobs.some((each) => each.state === 'running')) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.host.onEnd?.(job, words);
    job.end();
    this.advance();
    this.#changed();
  }

  #watch(): void {
    this.#timer ??= setInterval(() => { this.#look(); }, LOOK_MS);
  }

  /** Reads which runs the jobs have come to, and sees which of an earlier window have ended. */
  #look(): void {
    let news = false;
    for (const job of this.#jobs.filter(({ state, record }) => state === 'running' && record.pid !== null)) {
      const runs = readRuns(job.record.dir);
      if (runs.length !== job.runs.length) {
        job.runs = runs;
        news = true;
        if (job.stopAsked) this.#askToStop(job);
      }
      if (job.adopted && !isAlive(job.record)) this.#finish(job, outcomeOf(job.record.dir, null, job.stopAsked));
    }
    if (news) this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
