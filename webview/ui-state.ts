/**
 * All that the page remembers: what is looked at and how. It survives tab switches and reloads through the host's `setState`; data is never in it. Whatever
 * comes back is checked field by field, since an older version may have written it.
 */
import { TABS, type Tab } from './protocol';

export type Range = readonly [from: number, to: number];
/** A zoomed picture; null: everything. */
export interface Zoom { readonly x: Range; readonly y: Range }

export interface UiState {
  readonly tab: Tab;
  /** null: nobody has chosen yet, so the newest experiment is shown. */
  readonly runs: readonly string[] | null;
  readonly filter: string;
  /** Charts that are shown as tables. */
  readonly tables: readonly Tab[];
  readonly loss: { readonly log: boolean; readonly smoothing: number; readonly range: Range | null };
  readonly quality: { readonly metric: string | null; readonly x: 'nfe' | 'seconds'; readonly zoom: Zoom | null };
  readonly samples: { readonly set: string | null; readonly trainingStep: number | null; readonly view: 'side' | 'wipe' | 'difference'; readonly wipe: number };
  readonly pathError: { readonly view: 'lines' | 'heat'; readonly zoom: Zoom | null };
  readonly flow: { readonly flow: string | null; readonly frame: number };
  readonly brownian: { readonly source: string | null; readonly item: number; readonly coordinate: number; readonly depth: number | null };
}

export const DEFAULT_STATE: UiState = {
  tab: 'loss',
  runs: null,
  filter: '',
  tables: [],
  loss: { log: true, smoothing: 0.9, range: null },
  quality: { metric: null, x: 'nfe', zoom: null },
  samples: { set: null, trainingStep: null, view: 'side', wipe: 0.5 },
  pathError: { view: 'lines', zoom: null },
  flow: { flow: null, frame: 0 },
  brownian: { source: null, item: 0, coordinate: 0, depth: null },
};

type Check = (value: unknown) => boolean;
const flag: Check = (value) => typeof value === 'boolean';
const text: Check = (value) => typeof value === 'string' && value.length < 1000;
const within = (low: number, high: number): Check => (value) => typeof value === 'number' && value >= low && value <= high;
const index: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const oneOf = (...values: readonly string[]): Check => (value) => values.includes(value as string);
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const range: Check = (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1];
const zoom: Check = (value) => isRecord(value) && range(value['x']) && range(value['y']);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A check for each value; zooms are values as well, not groups of them. */
type Checks<T> = { readonly [K in keyof T]: T[K] extends readonly unknown[] | string | boolean | number | Zoom | null ? Check : Checks<T[K]> };

const CHECKS: Checks<UiState> = {
  tab: oneOf(...TABS),
  runs: orNull(listOf(text)),
  filter: text,
  tables: listOf(oneOf(...TABS)),
  loss: { log: flag, smoothing: within(0, 0.999), range: orNull(range) },
  quality: { metric: orNull(text), x: oneOf('nfe', 'seconds'), zoom: orNull(zoom) },
  samples: { set: orNull(text), trainingStep: orNull(index), view: oneOf('side', 'wipe', 'difference'), wipe: within(0, 1) },
  pathError: { view: oneOf('lines', 'heat'), zoom: orNull(zoom) },
  flow: { flow: orNull(text), frame: within(0, 1e6) },
  brownian: { source: orNull(text), item: index, coordinate: index, depth: orNull(index) },
};

/** The remembered state; what is missing or wrong in it is as at first. Throws nothing. */
export function restoreState(value: unknown): UiState {
  return restored(DEFAULT_STATE as unknown as Record<string, unknown>, CHECKS, value) as unknown as UiState;
}

function restored(defaults: Record<string, unknown>, checks: Record<string, unknown>, value: unknown): Record<string, unknown> {
  const given = isRecord(value) ? value : {};
  return Object.fromEntries(Object.entries(defaults).map(([name, fallback]) => {
    const check = checks[name];
    if (typeof check === 'function') return [name, Object.hasOwn(given, name) && (check as Check)(given[name]) ? given[name] : fallback];
    return [name, restored(fallback as Record<string, unknown>, check as Record<string, unknown>, given[name])];
  }));
}

/** The state as the page shares it. Every change is remembered at once. */
export class UiStore {
  constructor(private state: UiState, private readonly keep: (state: UiState) => void) {}

  get now(): UiState {
    return this.state;
  }

  set(change: Partial<UiState>): void {
    this.state = { ...this.state, ...change };
    this.keep(this.state);
  }

  /** Every picture whole again: a zoom belongs to the runs that were looked at, and others may have nothing there. */
  showAll(): void {
    this.patch('loss', { range: null });
    this.patch('quality', { zoom: null });
    this.patch('pathError', { zoom: null });
  }

  /** Changes part of one view's state: `patch('loss', { log: false })`. */
  patch<K extends 'loss' | 'quality' | 'samples' | 'pathError' | 'flow' | 'brownian'>(view: K, change: Partial<UiState[K]>): void {
    this.set({ [view]: { ...this.state[view], ...change } });
  }
}
