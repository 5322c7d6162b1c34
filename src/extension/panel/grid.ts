/** Samples as pixels or points, each column held against the teacher's. */
import { SigdegError } from '../../core/errors';
import { psnr, ssim, type PictureShape } from '../../metrics/likeness';
import { pathwiseRmse } from '../../metrics/pathwise';
import { PIXEL_RANGE, seenPixels } from '../../metrics/picture-pairs';
import { printable } from '../../core/printable';
import type { Pictures } from '../../store/pictures';
import type { Grid, GridColumn, ImageColumn, PointColumn } from '../../../webview/protocol';

export interface ShownColumn extends GridColumn {
  readonly run: string;
  readonly samples: Float32Array;
  /** The file that the samples are from. */
  readonly pictures: Pictures;
}

interface GridInput {
  readonly set: string;
  readonly trainingStep: number | null;
  readonly seed: number;
  readonly itemShape: readonly number[];
  readonly columns: readonly ShownColumn[];
  /** Names of the items' classes. */
  readonly classes?: readonly string[] | undefined;
}

const MOST_ROWS = 16;
const LEAST_EXTENT = 1;

const headOf = ({ label, sampler, steps, depth, teacher, trains }: ShownColumn): GridColumn => ({ label, sampler, steps, depth, teacher, trains });

/** @throws SigdegError UNSUPPORTED for items that are neither points nor pictures */
export async function drawGrid(input: GridInput): Promise<Grid> {
  const { itemShape } = input;
  if (itemShape.length === 1 && itemShape[0]! >= 2) return pointGrid(input, itemShape[0]!);
  const [height, width, channels] = itemShape;
  if (itemShape.length === 3 && height !== undefined && width !== undefined && (channels === 1 || channels === 3)) return imageGrid(input, [height, width, channels]);
  throw new SigdegError('UNSUPPORTED', `items of shape [${itemShape.join(', ')}] are neither points nor pictures of 1 or 3 channels: export the samples instead`);
}

function pointGrid({ set, trainingStep, seed, columns }: GridInput, dimension: number): Grid {
  const count = Math.min(...columns.map(({ pictures }) => pictures.count));
  const points = columns.map(({ samples }) => planePoints(samples, dimension, count));
  const teacher = columns.findIndex((column) => column.teacher);
  return {
    kind: 'points', set, trainingStep, seed,
    extent: extentOf(teacher < 0 ? points : [points[teacher]!]),
    columns: columns.map((column, i): PointColumn => ({ ...headOf(column), points: points[i]!, rmse: teacher < 0 || i === teacher ? null : pathwiseRmse(points[i]!, points[teacher]!) })),
  };
}

/** The first two numbers of the first items. */
function planePoints(samples: Float32Array, dimension: number, count: number): Float32Array {
  if (dimension === 2) return samples.slice(0, 2 * count);
  return Float32Array.from({ length: 2 * count }, (_, k) => samples[(k >> 1) * dimension + (k & 1)]!);
}

/** Half the side of a square round zero that holds the points but for the outermost thousandth, with a margin. */
export function extentOf(sets: readonly Float32Array[]): number {
  const sizes = Float32Array.from(sets.flatMap((points) => Array.from(points, Math.abs)).filter(Number.isFinite)).sort();
  return Math.max(LEAST_EXTENT, 1.1 * (sizes[Math.floor(0.999 * (sizes.length - 1))] ?? 0));
}

async function imageGrid({ set, trainingStep, seed, columns, classes = [] }: GridInput, shape: PictureShape): Promise<Grid> {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const rows = Math.min(MOST_ROWS, ...columns.map(({ pictures }) => pictures.count));
  const teacher = columns.find((column) => column.teacher);
  const drawn: ImageColumn[] = [];
  for (const column of columns) {
    const pixels = Uint8Array.from(column.samples.subarray(0, rows * size), (value) => Math.max(0, Math.min(255, Math.round((value + 1) * 127.5))));
    const likeness = teacher === undefined || column === teacher ? null : likenessOf(column.samples, teacher.samples, rows, shape);
    drawn.push({ ...headOf(column), pixels, likeness });
    // Similarity takes milliseconds a picture: others have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { kind: 'images', set, trainingStep, seed, rows, height, width, channels: channels as 1 | 3, columns: drawn, classes: classes.slice(0, rows).map((name) => printable(name, 40)) };
}

interface Likeness {
  readonly psnr: readonly number[];
  /** Null for pictures smaller than its window. */
  readonly ssim: readonly (number | null)[];
}

/** Samples stay the same arrays while their file is in memory: a slider asks for most columns again and again. */
const known = new WeakMap<Float32Array, { readonly teacher: Float32Array; readonly rows: number; readonly likeness: Likeness }>();

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

function likenessOf(samples: Float32Array, teacher: Float32Array, rows: number, shape: PictureShape): Likeness {
  const before = known.get(samples);
  if (before?.teacher === teacher && before.rows === rows) return before.likeness;
  const size = shape[0] * shape[1] * shape[2];
  const seen = (all: Float32Array, row: number): Float32Array => seenPixels(all.subarray(row * size, (row + 1) * size));
  const pairs = Array.from({ length: rows }, (_, row) => [seen(samples, row), seen(teacher, row)] as const);
  const likeness = { psnr: pairs.map(([a, b]) => psnr(a, b, PIXEL_RANGE)), ssim: pairs.map(([a, b]) => numberOrNull(ssim(a, b, shape, PIXEL_RANGE))) };
  known.set(samples, { teacher, rows, likeness });
  return likeness;
}
