/** Shows a job's progress on stderr: a bar on a terminal, a line every ten seconds elsewhere. */
import { SingleBar } from 'cli-progress';
import type { RunEvent } from '../store/events';
import type { Streams } from './output';
import { duration, short } from './table';

const LINE_EVERY_MS = 10_000;

type Progress = Extract<RunEvent, { type: 'progress' }>;

/** One run after the other: `begin`, events, `end`. */
export class ProgressDisplay {
  readonly #stderr: Streams['stderr'];
  readonly #now: () => number;
  #title = '';
  #bar: SingleBar | undefined;
  #phase: string | undefined;
  #first: Progress | undefined;
  #lastLine = 0;
  #loss: number | undefined;

  constructor(stderr: Streams['stderr'], now: () => number = Date.now) {
    this.#stderr = stderr;
    this.#now = now;
  }

  begin(title: string): void {
    this.end();
    this.#title = title;
    this.#first = undefined;
    this.#phase = undefined;
    this.#loss = undefined;
    this.#lastLine = this.#now();
  }

  event(event: RunEvent): void {
    if (event.type === 'progress') this.#progress(event);
    else if (event.type === 'scalar' && event.name.endsWith('loss')) this.#loss = event.value;
    else if (event.type === 'log') this.line(event.level === 'info' ? event.message : `${event.level}: ${event.message}`);
  }

  /** A line that does not disturb the bar. */
  line(text: string): void {
    this.#dropBar();
    this.#stderr.write(`${text}\n`);
  }

  end(): void {
    this.#dropBar();
  }

  #progress(event: Progress): void {
    if (event.phase !== this.#phase) {
      this.#phase = event.phase;
      this.#first = undefined;
      this.#dropBar();
    }
    this.#first ??= event;
    const rate = event.rate ?? this.#measuredRate(event);
    const left = rate > 0 ? duration(Math.max(0, event.steps - event.step) / rate) : '?';
    const phase = event.phase === undefined ? '' : ` ${event.phase}`;
    const loss = this.#loss === undefined ? '' : `, loss ${short(this.#loss)}`;
    const tail = `${rate > 0 ? `${short(rate)}/s, ` : ''}${left} left${loss}`;
    if (this.#stderr.isTTY === true) {
      this.#bar ??= this.#newBar(event.steps);
      this.#bar.setTotal(event.steps);
      this.#bar.update(event.step, { title: `${this.#title}${phase}`, tail });
    } else if (this.#now() - this.#lastLine >= LINE_EVERY_MS) {
      this.#lastLine = this.#now();
      this.#stderr.write(`${this.#title}${phase}: ${event.step}/${event.steps}, ${tail}\n`);
    }
  }

  /** Steps a second since this phase was first seen: a resumed run starts in the middle. */
  #measuredRate(event: Progress): number {
    const first = this.#first ?? event;
    const seconds = (event.time - first.time) / 1000;
    return seconds > 0.5 ? (event.step - first.step) / seconds : 0;
  }

  #newBar(total: number): SingleBar {
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
    bar.start(total, 0, { title: this.#title, tail: '' });
    return bar;
  }

  #dropBar(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
