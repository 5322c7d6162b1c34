/** What a network is told of the coarse steps that it takes, as numbers of the host: table of a grid, rows of a batch. */
import { levelAt, type TimeGrid } from '../core/grid';
import { exponentialStep } from '../diffusion/samplers/exponential';
import { embedRows, type TimeFeatures } from '../nets/embedding';
import type { HostArray } from '../nets/trainer';

/** The numbers of one coarse step. */
export interface HostFrame {
  readonly alpha: number;
  readonly sigma: number;
  readonly keep: number;
  readonly drift: number;
  readonly noise: number;
  readonly embedding: Float32Array;
}

/** @param told the nodes of its step whose lambda a network hears: a student's both, a teacher's the one where it begins. */
export function frameTable(nodes: TimeGrid, told: 'both' | 'beginning', features: TimeFeatures): HostFrame[] {
  const perStep = told === 'both' ? 2 : 1;
  return Array.from({ length: nodes.steps }, (_, n) => ({
    alpha: nodes.alpha[n]!,
    sigma: nodes.sigma[n]!,
    ...exponentialStep(levelAt(nodes, n), levelAt(nodes, n + 1)),
    embedding: embedRows(nodes.lambda.subarray(n, n + perStep), perStep, features),
  }));
}

const FIELDS = ['alpha', 'sigma', 'keep', 'drift', 'noise'] as const;

/** Frames of a batch, row by row. */
export class FrameRows {
  private readonly columns: Record<(typeof FIELDS)[number], Float32Array>;
  private readonly embedding: Float32Array;

  constructor(private readonly rows: number, private readonly width: number) {
    const column = (): Float32Array => new Float32Array(rows);
    this.columns = { alpha: column(), sigma: column(), keep: column(), drift: column(), noise: column() };
    this.embedding = new Float32Array(rows * width);
  }

  set(row: number, frame: HostFrame): void {
    for (const field of FIELDS) this.columns[field][row] = frame[field];
    this.embedding.set(frame.embedding, row * this.width);
  }

  arrays(shape: readonly number[]): Record<string, HostArray> {
    const arrays: Record<string, HostArray> = { embedding: { shape: [this.rows, this.width], data: this.embedding } };
    for (const field of FIELDS) arrays[field] = { shape, data: this.columns[field] };
    return arrays;
  }
}
