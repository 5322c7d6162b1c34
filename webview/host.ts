/** Where the page runs: inside VS Code, or in a plain browser against made-up data (fixture/). Nothing else in the page knows. */
import type { HostMessage, PageMessage } from './protocol';

export interface Host {
  post(message: PageMessage): void;
  onMessage(listener: (message: HostMessage) => void): void;
  /** What the last `setState` left, also after a reload; undefined at first. */
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): void };

/** VS Code's side of the page. It may be asked for once only. */
export function vscodeHost(): Host {
  const api = acquireVsCodeApi();
  return {
    post: (message) => { api.postMessage(message); },
    onMessage: (listener) => { addEventListener('message', (event: MessageEvent<HostMessage>) => { listener(event.data); }); },
    getState: () => api.getState(),
    setState: (state) => { api.setState(state); },
  };
}
