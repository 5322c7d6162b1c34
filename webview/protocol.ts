/**
 * All messages between the panel's page and the extension host, both ways. The page pulls: the host says which runs there are and when one has changed
 * (`snapshot`, `delta`), the page asks for what it shows (`request`), and every request gets one `reply`. Theme changes need no message: VS Code changes the
 * page's CSS variables. Typed arrays go through postMessage as they are (VS Code ≥ 1.57); pictures travel as plain pixels, so the page needs no image source.
 */
import type { RunKind, RunState } from '../src/store/run';
import type { Wish } from '../src/store/control';
import type { EvaluationRow } from '../src/store/evaluation-row';

/** Raised with every change that an older page would misread; a reloaded page always comes from the same extension. */
export const PROTOCOL = 3;

export const TABS = ['loss', 'quality', 'samples', 'path-error', 'flow', 'brownian'] as const;
export type Tab = (typeof TABS)[number];

// ---------------------------------------------------------------- what there is

/** A run as the page lists it. */
export interface PanelRun {
  readonly id: string;
  readonly kind: RunKind;
  readonly name: string;
  readonly experiment: string | null;
  readonly state: RunState;
  /** ISO 8601. */
  readonly created: string;
  readonly step: number;
  readonly steps: number;
  readonly engine: string;
  /** Signature depth of a student. */
  readonly depth: number | null;
  readonly error: { readonly code: string; readonly message: string; /** Of the stderr of a process that died: its last. */ readonly lines: readonly string[] } | null;
  /** Rises whenever anything behind the run has changed (events, samples, evaluations): the page then asks again for what it shows of it. */
  readonly revision: number;
}

// ---------------------------------------------------------------- page → host

export type PageMessage =
  /** The page listens. Answered with `hello` and a `snapshot`. */
  | { readonly type: 'ready'; readonly protocol: number; /** Of the restored state; empty when there is none. */ readonly runs: readonly string[]; readonly tab: Tab | null }
  /** A delta is missing (or came twice): answered with a `snapshot`. */
  | { readonly type: 'resync'; readonly have: number }
  /** The runs that the page shows now; the host may watch these closer. */
  | { readonly type: 'select'; readonly runs: readonly string[] }
  | { readonly type: 'request'; readonly id: number; readonly ask: Ask }
  /** The reply of this request is no longer wanted; the host may still send it. */
  | { readonly type: 'cancel'; readonly id: number };

/** A question or a wish; `Answers` has what comes back. */
export type Ask =
  | SeriesAsk
  | CatalogueAsk
  | GridAsk
  | ComparisonAsk
  | FlowAsk
  | BrownianAsk
  | ExportAsk
  | { readonly kind: 'open-run'; readonly run: string }
  | { readonly kind: 'control'; readonly run: string; readonly wish: Wish }
  /** Runs a command of the extension, from the list below only. */
  | { readonly kind: 'command'; readonly command: PanelCommand; readonly run: string | null };

export const PANEL_COMMANDS = ['distill', 'evaluate', 'sample', 'new-experiment', 'open-log'] as const;
export type PanelCommand = (typeof PANEL_COMMANDS)[number];

/** Losses of several runs over what is visible. */
export interface SeriesAsk {
  readonly kind: 'series';
  readonly runs: readonly string[];
  /** Visible training steps, both included; null: all there are. A point beyond either end comes along, so that lines leave the picture. */
  readonly range: readonly [from: number, to: number] | null;
  /** Each series comes with at most two points a bucket, its minimum and its maximum in the order of their steps; about one bucket a pixel. */
  readonly buckets: number;
  /** Weight of the past in [0, 1) of an exponential average over all points of the series, started without bias as TensorBoard does; 0: none. */
  readonly smoothing: number;
}

/** Which pictures, flows and Brownian paths the runs (and their children and parents) have. */
export interface CatalogueAsk {
  readonly kind: 'catalogue';
  readonly runs: readonly string[];
}

export interface GridAsk {
  readonly kind: 'grid';
  /** `PictureSet.id`. */
  readonly set: string;
  /** Those that the catalogue was asked for. */
  readonly runs: readonly string[];
  /** One of `PictureSet.trainingSteps`; null: the last. Columns that do not train are the same at each. */
  readonly trainingStep: number | null;
}

export interface ComparisonAsk {
  readonly kind: 'comparison';
  readonly runs: readonly string[];
}

export interface FlowAsk {
  readonly kind: 'flow';
  /** `FlowChoice.id`. */
  readonly flow: string;
}

export interface BrownianAsk {
  readonly kind: 'brownian';
  /** `BrownianChoice.id`. */
  readonly source: string;
  readonly item: number;
  /** Which of the item's numbers. */
  readonly coordinate: number;
}

/** The host asks where to, and writes. `name` has no folder and no extension. */
export type ExportAsk =
  | { readonly kind: 'export'; readonly format: 'png'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'export'; readonly format: 'csv'; readonly name: string; readonly text: string };

// ---------------------------------------------------------------- answers

/** What each kind of ask is answered with. */
export interface Answers {
  readonly series: { readonly series: readonly LossCurve[] };
  readonly catalogue: Catalogue;
  readonly grid: Grid;
  readonly comparison: Comparison;
  readonly flow: Flow;
  readonly brownian: BrownianPicture;
  /** null: the user chose no file. */
  readonly export: { readonly file: string | null };
  readonly 'open-run': null;
  readonly control: null;
  readonly command: null;
}

export type AskKind = keyof Answers;
export type AskOf<K extends AskKind> = Extract<Ask, { kind: K }>;

export interface LossCurve {
  readonly run: string;
  /** The scalar's name: `teacher.loss`. */
  readonly name: string;
  /** Steps that the run has so far, first and last, whatever is visible. */
  readonly extent: readonly [first: number, last: number];
  /** Points of the whole series before any reduction. */
  readonly points: number;
  readonly steps: Float64Array;
  readonly values: Float64Array;
  /** The average, reduced the same way; null without smoothing. */
  readonly smooth: { readonly steps: Float64Array; readonly values: Float64Array } | null;
}

export interface Catalogue {
  readonly pictures: readonly PictureSet[];
  readonly flows: readonly FlowChoice[];
  readonly brownian: readonly BrownianChoice[];
}

/** Pictures of several contestants on the same noise, perhaps at several training steps of a student. */
export interface PictureSet {
  /** The same whichever students are chosen, so that a page may keep it. */
  readonly id: string;
  readonly label: string;
  /** Whose pictures it may show. */
  readonly runs: readonly string[];
  /** Rising; empty: the pictures are of no training. */
  readonly trainingSteps: readonly number[];
}

export interface FlowChoice {
  readonly id: string;
  /** `Sig-DEG student, depth 3 @ 5`. */
  readonly label: string;
  readonly run: string;
}

export interface BrownianChoice {
  readonly id: string;
  readonly label: string;
  readonly run: string;
  readonly items: number;
  /** Numbers of one item. */
  readonly coordinates: number;
}

/** Rows are items, columns contestants; everything in a row starts from the same noise. */
export type Grid = ImageGrid | PointGrid;

interface GridHead {
  readonly set: string;
  readonly trainingStep: number | null;
  /** Of the noise. */
  readonly seed: number;
}

export interface ImageGrid extends GridHead {
  readonly kind: 'images';
  /** Row i is item i of the seed. */
  readonly rows: number;
  /** Name of each row's class; empty where the model knows none. */
  readonly classes: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly columns: readonly ImageColumn[];
}

export interface GridColumn {
  /** `DDIM @ 10`, `Teacher @ 1000`. */
  readonly label: string;
  readonly sampler: string;
  readonly steps: number;
  readonly depth: number | null;
  /** The reference of wipe and difference; at most one column. */
  readonly teacher: boolean;
  /** Changes with the training step. */
  readonly trains: boolean;
}

export interface ImageColumn extends GridColumn {
  /** [rows, height, width, channels], 0 … 255. */
  readonly pixels: Uint8Array;
  /** Against the teacher, row by row: peak signal-to-noise ratio in dB (Infinity, which arrives as null in an editor's message: equal) and structural similarity (null: smaller than its window of 11 pixels); null for the teacher or without one. */
  readonly likeness: { readonly psnr: readonly (number | null)[]; readonly ssim: readonly (number | null)[] } | null;
}

/** Samples of 2-D data: one row of scatters. */
export interface PointGrid extends GridHead {
  readonly kind: 'points';
  /** Of all columns and the axes: [−extent, extent]². */
  readonly extent: number;
  readonly columns: readonly PointColumn[];
}

export interface PointColumn extends GridColumn {
  /** [n, 2]; item i of each column has the same noise. */
  readonly points: Float32Array;
  /** Root mean squared distance to the teacher's points; null for the teacher or without one. */
  readonly rmse: number | null;
}

export interface Comparison {
  /** All measured rows of the runs that may stand side by side. */
  readonly rows: readonly EvaluationRow[];
  /** Rows that may not, and why: «other extractor: …». */
  readonly refused: readonly { readonly run: string; readonly reason: string }[];
}

/** 2-D samples on their way from noise to data. */
export interface Flow {
  readonly label: string;
  readonly sampler: string;
  readonly teacher: boolean;
  /** [frames][n, 2], noise first. */
  readonly frames: readonly Float32Array[];
  /** Diffusion time of each frame, falling from 1 to 0. */
  readonly times: readonly number[];
  readonly extent: number;
  /** Where the teacher's samples (or the data) lie, [n, 2]; null without. */
  readonly target: Float32Array | null;
}

/** One coordinate of one item's Brownian path and what its partial signature keeps of it. */
export interface BrownianPicture {
  readonly label: string;
  /** On the finest grid, rising, in what `timeName` says. */
  readonly times: Float64Array;
  readonly path: Float64Array;
  /** What the axes show. */
  readonly timeName: string;
  readonly valueName: string;
  /** Ends of the student's steps, rising, first and last included. */
  readonly knots: readonly number[];
  /** Best approximation from the signature terms up to each depth 1 … m, on `times`. */
  readonly reconstructions: readonly { readonly depth: number; readonly path: Float64Array; readonly rmse: number }[];
}

// ---------------------------------------------------------------- host → page

export type HostMessage =
  | { readonly type: 'hello'; readonly protocol: number; readonly version: string; /** False in a restricted workspace: nothing can be started. */ readonly trusted: boolean; readonly runsDir: string }
  /** All runs, newest first. */
  | { readonly type: 'snapshot'; readonly seq: number; readonly runs: readonly PanelRun[] }
  /** `seq` is one more than that of the message before; a gap makes the page ask for a `resync`. */
  | { readonly type: 'delta'; readonly seq: number; readonly changed: readonly PanelRun[]; readonly removed: readonly string[] }
  /** A command of the editor wants these runs, or this tab, shown. null: as it is. */
  | { readonly type: 'show'; readonly runs: readonly string[] | null; readonly tab: Tab | null }
  | Reply;

export type Reply =
  | { readonly type: 'reply'; readonly id: number; readonly ok: true; readonly answer: Answers[AskKind] }
  | { readonly type: 'reply'; readonly id: number; readonly ok: false; readonly error: PanelError };

/** What went wrong, for people; never a stack trace. */
export interface PanelError {
  readonly code: string;
  readonly message: string;
  /** What the page offers besides «Retry»; null: nothing more. */
  readonly action: { readonly title: string; readonly ask: Ask } | null;
}
