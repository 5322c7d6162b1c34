/** The run index that all parts of the extension share: opened at the first use, and opened anew when `sigdeg.runsFolder` changes; listeners stay. */
import type { RunIndex } from '../store/run-index';

type Listener = (ids: ReadonlySet<string>) => void;

export class SwitchingRunIndex implements RunIndex {
  readonly #listeners = new Set<Listener>();
  #current: RunIndex | undefined;

  constructor(private readonly folder: () => string, private readonly open: (runsDir: string) => RunIndex) {}

  get runsDir(): string {
    return this.folder();
  }

  get ready(): Promise<void> {
    return this.#index().ready;
  }

  rows(id: string): ReturnType<RunIndex['rows']> {
    return this.#index().rows(id);
  }

  unreadable(): ReturnType<RunIndex['unreadable']> {
    return this.#index().unreadable();
  }

  all(): ReturnType<RunIndex['all']> {
    return this.#index().all();
  }

  get(id: string): ReturnType<RunIndex['get']> {
    return this.#index().get(id);
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  refresh(): void {
    this.#index().refresh();
  }

  close(): void {
    this.#current?.close();
    this.#current = undefined;
  }

  /** Looks into the folder that the settings name now; everything of the old and of the new one has changed. */
  reopen(): void {
    if (this.#current?.runsDir === this.folder()) return;
    const before = this.#current?.all().map(({ id }) => id) ?? [];
    this.close();
    this.#tell(new Set([...before, ...this.all().map(({ id }) => id)]));
  }

  #index(): RunIndex {
    if (this.#current === undefined) {
      this.#current = this.open(this.folder());
      this.#current.onChange((ids) => { this.#tell(ids); });
    }
    return this.#current;
  }

  #tell(ids: ReadonlySet<string>): void {
    for (const listener of [...this.#listeners]) listener(ids);
  }
}
