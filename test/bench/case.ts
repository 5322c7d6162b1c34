/** What a case of the benchmark suite is, and what came out of one. */
import type { JsonValue } from '../../src/store/hash';

/** The processes that figures come from. Each is started once a run and kept, so that both sides of a case are warm and take turns. */
export const PROCESSES = ['native', 'wasm', 'webgpu', 'node', 'python', 'python-1'] as const;
/** An engine of ours; `node`: ours without an engine; `python`: the peers, with all cores or with one thread. */
export type ProcessName = (typeof PROCESSES)[number];

export type Params = Readonly<Record<string, JsonValue>>;

/** One side of a case: a piece of work (`ours/works.ts`, `peer/main.py`) in one of the processes. */
export interface Side {
  readonly process: ProcessName;
  /** For the table: `sigdeg native`, `PyTorch eager`. */
  readonly label: string;
  readonly work: string;
  readonly params: Params;
}

/** What a case must reach: a ratio of at least so much, or a figure of ours of at most so much. */
export type Limit = { readonly atLeast: number } | { readonly atMost: number };

export type Unit = 's' | 'ms' | 'µs' | 'ns' | '%';

export interface BenchCase {
  /** As it is given on the command line; its first word, up to the `-`, names its group. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly ours: Side;
  /** Absent where a figure of ours stands alone. */
  readonly peer?: Side;
  /** Shown beside, never counted: they may not work on this machine. */
  readonly beside?: readonly Side[];
  readonly limit?: Limit;
  /** Where the machine's limit is that of one core. */
  readonly oneCore?: true;
  /** Most repetitions, where fewer do. */
  readonly repetitions?: number;
  /** Measured without a warm-up: whole programs. */
  readonly cold?: true;
  /** Left out, unless it is named, where the machine has none. */
  readonly needs?: 'chromium' | 'gpu';
}

/** What a side says of its work when it is opened. */
export interface Facts {
  /** Units of work in one iteration: a figure is the time of one of them. Default 1. */
  readonly units?: number;
  /** Arithmetic and compulsory memory traffic of one unit. */
  readonly flop?: number;
  readonly bytes?: number;
  /** Of a network: both sides must have as many. */
  readonly parameters?: number;
  /** A safetensors file of weights, inputs and results, which the peer loads and must reproduce. */
  readonly reference?: string;
  /** Where ours computes, when it is not the processor; the peer then computes there, too. */
  readonly device?: 'cuda';
  /** How far the peer's results are from that file's, relative to the largest. */
  readonly deviation?: number;
  /** What a reader of the figure should know. */
  readonly note?: string;
}

export interface Range {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One case's figures in its unit. `ratio` is the peer's median over ours: 1 or more is ahead. */
export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly group: string;
  readonly unit: Unit;
  readonly ours: number | null;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly limit: number | null;
  /** What the limit bounds. */
  readonly bound: 'ratio at least' | 'ours at most' | null;
  readonly reached: boolean | null;
  readonly ranges: { readonly ours: [number, number] | null; readonly peer: [number, number] | null; readonly ratio: [number, number] | null };
  readonly n: number;
  readonly labels: { readonly ours: string; readonly peer: string | null };
  readonly beside: readonly { readonly label: string; readonly value: number | null; readonly ratio: number | null; readonly note?: string }[];
  /** What the machine would need at least, and how much of ours that is. */
  readonly machine: { readonly value: number; readonly share: number; readonly flop: number; readonly bytes: number } | null;
  readonly notes: readonly string[];
  /** Why there is no figure. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

export const groupOf = (name: string): string => name.split('-')[0]!;
