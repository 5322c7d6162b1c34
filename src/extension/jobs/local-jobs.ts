/** The editor's jobs: a queue, the processes that this window started, and those that another one left when it closed. Knows nothing of VS Code. */
import { messageOf, SigdegError } from '../../core/errors';
import { readControl, writeControl } from '../../store/control';
import { BEAT_MS, beat } from '../../store/lease';
import type { RunIndex } from '../../store/run-index';
import { dropQuietly } from '../../system/files';
import type { Job, JobRequest, Jobs } from '../jobs';
import { untrusted } from '../untrusted';
import { isAlive, lastWords, outcomeOf, startProcess, type JobCommand, type JobOutcome } from './job-process';
import { isOwn, listRecords, newRecord, readRuns, takeRecord, writeRecord, type JobRecord, type OwnRecord } from './job-record';

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
  record: JobRecord;
  state: Job['state'] = 'queued';
  runs: readonly string[] = [];
  error?: string;
  result?: unknown;
  stopAsked = false;
  /** Whether its command was told: told twice it would end at once, without a checkpoint. */
  signalled = false;
  /** Left by another window: nobody waits for its process. */
  adopted = false;
  end: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => (this.end = resolve));

  constructor(readonly own: OwnRecord) {
    this.record = own.record;
  }

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
  #beaten = -Infinity;
  /** Told of jobs that were taken over; undefined before this window takes any. */
  #onAdopted: ((job: Job) => void) | undefined;
  /** Whether other windows have jobs there, which may become ours. */
  #others = false;
  /** What becomes of the jobs of a window that has closed. */
  #closed: 'they go on' | 'they end' | undefined;

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
    this.#watch();
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

  /**
   * Takes over what other windows left: jobs that run are watched, those that waited wait on. Those of windows that are still open follow once these have closed.
   * @param onAdopted called with each
   */
  adopt(onAdopted: (job: Job) => void = () => undefined): void {
    this.#onAdopted = onAdopted;
    this.#adoptFree();
    this.#watch();
  }

  #adoptFree(): void {
    this.#others = false;
    const adopted: LocalJob[] = [];
    for (const dir of listRecords(this.host.folder)) {
      if (this.#jobs.some((job) => job.record.dir === dir)) continue;
      const own = takeRecord(dir);
      this.#others ||= own === undefined;
      if (own === undefined) continue;
      const job = new LocalJob(own);
      this.#jobs.push(job);
      adopted.push(job);
      if (own.record.pid === null) continue;
      job.state = 'running';
      job.adopted = true;
    }
    if (adopted.length === 0) return;
    this.#look();
    this.advance();
    this.#changed();
    for (const job of adopted) this.#onAdopted?.(job);
  }

  /** The window closes: its jobs are left to the next one, or write a checkpoint and end, and then none waits any more. */
  close(surviveWindow: boolean): void {
    this.#closed = surviveWindow ? 'they go on' : 'they end';
    this.#listeners.clear();
    for (const job of this.#jobs.filter(isUnfinished)) {
      if (!surviveWindow) this.stop(job);
      // One that is being started at this moment is not let go before its process is known.
      else if (job.state === 'queued' || job.record.pid !== null) job.own.lease.release();
    }
    if (surviveWindow) this.#rest();
  }

  /** Starts what may start now: also when the settings or the trust have changed. */
  advance(): void {
    if (this.#closed !== undefined || !this.host.trusted()) return;
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
      if (!isOwn(job.own)) throw new SigdegError('RUN_BUSY', 'another window has taken this job over while this one slept: it goes on there');
      const started = await startProcess(job.record, command);
      job.record = { ...job.record, pid: started.pid };
      writeRecord(job.record);
      if (job.stopAsked) this.#askToStop(job);
      exit = await started.exit;
    } catch (error) {
      this.#finish(job, { state: 'failed', error: `${error instanceof SigdegError ? error.code : 'INTERNAL'}: ${messageOf(error)}` });
      return;
    }
    job.runs = readRuns(job.record.dir);
    this.#finish(job, outcomeOf(job.record.dir, exit, job.stopAsked));
  }

  /** Asks every run that it works on, and its command, which then starts no more of them. Again at every look: a run that only begins does not hear it yet. */
  #askToStop(job: LocalJob): void {
    const { record } = job;
    const runs = readRuns(record.dir);
    for (const id of runs) {
      const run = this.host.runs.get(id);
      if ((run?.state === 'running' || run?.state === 'paused') && readControl(run.dir) !== 'stop') writeControl(run.dir, 'stop');
    }
    // On Windows a signal is no question, but the end: of a command that has come to no run nothing is lost by it.
    const answered = process.platform === 'win32' ? runs.length > 0 : job.signalled;
    if (answered || record.pid === null || !isAlive(record)) return;
    job.signalled = true;
    process.kill(record.pid, 'SIGTERM');
  }

  #askAgain(job: LocalJob): void {
    try {
      this.#askToStop(job);
    } catch {
      // the next look does
    }
  }

  #finish(job: LocalJob, { state, error, result }: JobOutcome): void {
    // The next window tells how a job that outlives this one ended.
    if (!isUnfinished(job) || this.#closed === 'they go on') return;
    job.state = state;
    if (error !== undefined) job.error = error;
    if (result !== undefined) job.result = result;
    const words = lastWords(job.record.dir).text();
    // What cannot be deleted the next window tells once more.
    if (isOwn(job.own)) dropQuietly(job.record.dir);
    this.host.onEnd?.(job, words);
    job.end();
    this.advance();
    this.#changed();
  }

  /** As long as there is something to look at. */
  #watch(): void {
    this.#timer ??= setInterval(() => {
      this.#look();
      if (performance.now() - this.#beaten >= BEAT_MS) this.#beat();
      if (!this.#others && !this.#jobs.some(isUnfinished)) this.#rest();
    }, LOOK_MS);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Tells other windows that this one lives, and looks whether one of them has closed. */
  #beat(): void {
    this.#beaten = performance.now();
    for (const { own } of this.#jobs.filter(isUnfinished)) {
      try {
        beat(own.lease.file, own.lease.owner);
      } catch {
        // a full disk: another window may take the job over, which this one notices
      }
    }
    if (this.#others && this.#closed === undefined) this.#adoptFree();
  }

  /** Reads which runs the jobs have come to, and sees which of another window have ended. */
  #look(): void {
    let news = false;
    for (const job of this.#jobs.filter(({ state, record }) => state === 'running' && record.pid !== null)) {
      const runs = readRuns(job.record.dir);
      if (runs.length !== job.runs.length) {
        job.runs = runs;
        news = true;
      }
      if (job.stopAsked) this.#askAgain(job);
      if (job.adopted && !isAlive(job.record)) this.#finish(job, outcomeOf(job.record.dir, null, job.stopAsked));
    }
    if (news) this.#changed();
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

const isUnfinished = ({ state }: Job): boolean => state === 'queued' || state === 'running';
