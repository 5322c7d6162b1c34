/** Requests with replies, time limits and cancelling over the host's messages; and the mirror of the runs, which asks for a resync by itself. */
import type { Host } from './host';
import { mirrored, NOTHING, type Mirror } from './mirror';
import { PROTOCOL, type Answers, type AskKind, type AskOf, type HostMessage, type PanelError, type Tab } from './protocol';

/** Longer than the host takes for anything but a dialogue, so that nothing waits for ever. */
const PATIENCE_MS = 20_000;

/** A request that failed, in the host's words or because no reply came. */
export class AskError extends Error {
  constructor(readonly code: string, message: string, readonly action: PanelError['action'] = null) {
    super(message);
  }
}

interface Waiting {
  resolve(answer: Answers[AskKind]): void;
  reject(error: AskError): void;
}

export interface Listeners {
  onHello(hello: Extract<HostMessage, { type: 'hello' }>): void;
  onRuns(mirror: Mirror): void;
  onShow(show: Extract<HostMessage, { type: 'show' }>): void;
}

export class Connection {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private mirror = NOTHING;
  private resyncing = false;

  constructor(private readonly host: Host, private readonly listeners: Listeners) {
    host.onMessage((message) => { this.receive(message); });
  }

  start(runs: readonly string[], tab: Tab | null): void {
    this.host.post({ type: 'ready', protocol: PROTOCOL, runs, tab });
  }

  select(runs: readonly string[]): void {
    this.host.post({ type: 'select', runs });
  }

  /** One request. Rejects with AskError; an aborted one with code ABORTED. `patience` in ms: a dialogue may take as long as the user does. */
  ask<K extends AskKind>(ask: AskOf<K>, { signal, patience = PATIENCE_MS }: { signal?: AbortSignal; patience?: number } = {}): Promise<Answers[K]> {
    const id = this.nextId++;
    return new Promise<Answers[K]>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        this.waiting.delete(id);
      };
      const fail = (error: AskError): void => { end(); reject(error); };
      const aborted = (): void => {
        this.host.post({ type: 'cancel', id });
        fail(new AskError('ABORTED', 'no longer wanted'));
      };
      const timer = Number.isFinite(patience)
        ? setTimeout(() => { fail(new AskError('TIMEOUT', `the extension has not answered for ${Math.round(patience / 1000)} s; it may be busy reading many runs`)); }, patience)
        : undefined;
      signal?.addEventListener('abort', aborted);
      // The table `Answers` says what belongs to what kind; the id ties the two together.
      this.waiting.set(id, { resolve: (answer) => { end(); resolve(answer as Answers[K]); }, reject: fail });
      this.host.post({ type: 'request', id, ask });
    });
  }

  private receive(message: HostMessage): void {
    switch (message.type) {
      case 'hello':
        this.listeners.onHello(message);
        return;
      case 'show':
        this.listeners.onShow(message);
        return;
      case 'reply': {
        const waiting = this.waiting.get(message.id);
        if (message.ok) waiting?.resolve(message.answer);
        else waiting?.reject(new AskError(message.error.code, message.error.message, message.error.action));
        return;
      }
      case 'snapshot':
      case 'delta': {
        const next = mirrored(this.mirror, message);
        if (next === 'old') return;
        if (next === 'gap') {
          if (!this.resyncing) this.host.post({ type: 'resync', have: this.mirror.seq });
          this.resyncing = true;
          return;
        }
        if (message.type === 'snapshot') this.resyncing = false;
        this.mirror = next;
        this.listeners.onRuns(next);
        return;
      }
      default:
        // VS Code itself posts to its pages, too.
        return;
    }
  }
}
