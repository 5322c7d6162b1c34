/**
 * What a view shows while it waits, when there is nothing, and when something failed. A reply that is late becomes a message with «Retry»; what was shown before
 * stays until something newer is there.
 */
import { AskError } from './connection';
import { button } from './controls';
import { h } from './dom';
import type { Ask } from './protocol';

export interface Notice {
  readonly title: string;
  readonly text: string;
  readonly actions: readonly { readonly title: string; readonly run: () => void; readonly disabled?: string | null }[];
}

/** A quick reply should not flash a message. */
const SHOW_WAITING_MS = 250;

export class Loader {
  readonly element: HTMLElement;
  private readonly notice = h('div', { class: 'notice', hidden: true });
  private abort: AbortController | undefined;
  private again: (() => void) | undefined;
  private stopped = false;

  /** `content` is hidden while a notice stands in its place. `perform` does what an error offers. */
  constructor(private readonly content: HTMLElement, private readonly perform: (ask: Ask) => void) {
    this.element = h('div', { class: 'loader' }, this.notice, content);
    content.hidden = true;
  }

  /** Asks and draws; an earlier question that is still open is dropped. */
  load<T>(question: (signal: AbortSignal) => Promise<T>, draw: (answer: T) => void): void {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.again = undefined;
    this.content.setAttribute('aria-busy', 'true');
    // There was nothing to ask about; now there is. Other notices stay until the answer, or they would flicker while a run goes on.
    if (this.stopped) this.notice.hidden = true;
    this.stopped = false;
    const waiting = setTimeout(() => { if (this.content.hidden) this.say({ title: 'Loading…', text: '', actions: [] }); }, SHOW_WAITING_MS);
    const done = (): boolean => {
      clearTimeout(waiting);
      if (this.abort !== abort) return false;
      this.abort = undefined;
      this.content.removeAttribute('aria-busy');
      return true;
    };
    question(abort.signal).then((answer) => {
      if (!done()) return;
      this.clear();
      draw(answer);
    }).catch((error: unknown) => {
      if (!done()) return;
      this.fail(error, () => { this.load(question, draw); });
    }).finally(() => {
      const { again } = this;
      if (this.abort !== undefined || again === undefined) return;
      this.again = undefined;
      again();
    });
  }

  /** Like `load`, but an open question is answered first: for changes that come faster than replies. */
  loadNext(start: () => void): void {
    if (this.abort === undefined) start();
    else this.again = start;
  }

  /** Puts a notice in the place of the content: an empty state. */
  say({ title, text, actions }: Notice): void {
    this.notice.replaceChildren(
      h('p', { class: 'notice-title' }, title),
      ...(text ? [h('p', {}, text)] : []),
      ...(actions.length > 0 ? [h('div', { class: 'buttons' }, ...actions.map((action, i) => button(action.title, action.run, { appearance: i === 0 ? 'primary' : 'secondary', disabled: action.disabled ?? null })))] : []),
    );
    this.notice.setAttribute('role', 'status');
    this.notice.hidden = false;
    this.content.hidden = true;
  }

  /** Drops what is open and says it. */
  stop(notice: Notice): void {
    this.abort?.abort();
    this.abort = undefined;
    this.again = undefined;
    this.stopped = true;
    this.say(notice);
  }

  private clear(): void {
    this.notice.hidden = true;
    this.content.hidden = false;
  }

  private fail(error: unknown, retry: () => void): void {
    if (error instanceof AskError && error.code === 'ABORTED') return;
    const { code, message, action } = error instanceof AskError ? error : { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error), action: null };
    this.say({
      title: 'This could not be shown',
      text: `${message} (${code})`,
      actions: [{ title: 'Retry', run: retry }, ...(action ? [{ title: action.title, run: () => { this.perform(action.ask); } }] : [])],
    });
  }
}
