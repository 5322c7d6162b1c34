/** Shows a job's progress on stderr: a bar on a terminal, a line every ten seconds elsewhere. */
import { SingleBar } from 'cli-progress';
import type { RunEvent } from '../store/events';
import { isTrainingLoss } from '../store/loss-names';
import type { Streams } from './output';
import { duration, short } from './table';

const LINE_EVERY_MS = 10_000;

type Progress = Extract<RunEvent, { type: 'progress' }>;

/** What is known of one run's progress. */
interface RunProgress {
  phase: string | undefined;
  /** The first progress of this phase that was seen: a resumed run starts in the middle. */
  first: Progress | undefined;
  loss: number | undefined;
}

/** Runs by their titles; of several at a time the one that began first is drawn. */
export class ProgressDisplay {
  readonly #stderr: Streams['stderr'];
  readonly #now: () => number;
  readonly #runs = new Map<string, RunProgress>();
  #bar: SingleBar | undefined;
  #lastLine = 0;

  constructor(stderr: Streams['stderr'], now: () => number = Date.now) {
    this.#stderr = stderr;
    this.#now = now;
  }

  begin(title: string): void {
    this.#runs.set(title, { phase: undefined, first: undefined, loss: undefined });
    this.#lastLine = this.#now();
  }

  event(title: string, event: RunEvent): void {
    const run = this.#runs.get(title);
    if (run === undefined) return;
    if (event.type === 'progress') this.#progress(title, run, event);
    else if (event.type === 'scalar' && isTrainingLoss(event.name)) run.loss = event.value;
    else if (event.type === 'log') this.line(`${this.#runs.size > 1 ? `${title}: ` : ''}${event.level === 'info' ? '' : `${event.level}: `}${event.message}`);
    else if (event.type === 'state') this.#state(title, run, event.state);
  }

  /** A line that does not disturb the bar. */
  line(text: string): void {
    this.#dropBar();
    this.#stderr.write(`${text}\n`);
  }

  end(): void {
    this.#runs.clear();
    this.#dropBar();
  }

  #state(title: string, run: RunProgress, state: Extract<RunEvent, { type: 'state' }>['state']): void {
    // The rate is measured anew after a pause.
    run.first = undefined;
    if (state === 'paused') this.line(`${title}: paused`);
    else if (state !== 'running') this.#finish(title);
  }

  #finish(title: string): void {
    this.#runs.delete(title);
    this.#dropBar();
  }

  #progress(title: string, run: RunProgress, event: Progress): void {
    const drawn = this.#runs.keys().next().value === title;
    if (event.phase !== run.phase) {
      run.phase = event.phase;
      run.first = undefined;
      if (drawn) this.#dropBar();
    }
    run.first ??= event;
    if (!drawn) return;
    const rate = event.rate ?? measuredRate(run.first, event);
    const left = rate > 0 ? duration(Math.max(0, event.steps - event.step) / rate) : '?';
    const phase = event.phase === undefined ? '' : ` ${event.phase}`;
    const loss = run.loss === undefined ? '' : `, loss ${short(run.loss)}`;
    const tail = `${rate > 0 ? `${short(rate)}/s, ` : ''}${left} left${loss}`;
    if (this.#stderr.isTTY === true) {
      this.#bar ??= this.#newBar(title, event.steps);
      this.#bar.setTotal(event.steps);
      this.#bar.update(event.step, { title: `${title}${phase}`, tail });
    } else if (this.#now() - this.#lastLine >= LINE_EVERY_MS) {
      this.#lastLine = this.#now();
      this.#stderr.write(`${title}${phase}: ${event.step}/${event.steps}, ${tail}\n`);
    }
  }

  #newBar(title: string, total: number): SingleBar {
    const bar = new SingleBar({
      format: '{title} {bar} {value}/{total} {tail}',
      barsize: 24,
      barCompleteChar: '=',
      barIncompleteChar: '-',
      hideCursor: true,
      clearOnComplete: true,
      // Only events redraw it, and they are few: no timer that keeps the process alive.
      noTTYOutput: false,
      stream: this.#stderr as NodeJS.WritableStream,
    });
    bar.start(total, 0, { title, tail: '' });
    return bar;
  }

  #dropBar(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

/** Steps a second since a phase was first seen. */
function measuredRate(first: Progress, event: Progress): number {
  const seconds = (event.time - first.time) / 1000;
  return seconds > 0.5 ? (event.step - first.step) / seconds : 0;
}
