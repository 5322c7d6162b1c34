/**
 * Time grids of the backward process, noisiest first. The fine grid carries the noise; a coarse grid is a choice of its nodes, so that
 * increments and signatures of any coarse grid are exact sums over the fine one.
 */
import { SigdegError } from './errors';
import { explodes, type Level, type NoiseSchedule, type ScheduleConfig } from './schedule';

/**
 * Where the nodes of a coarse grid lie, with t from T down and s = sigma/alpha:
 *   quad            even in the root of t, as the fine teacher's
 *   uniform-t       even in t: "linspace" of diffusers, whose spacings of training steps the last two are, too
 *   uniform-logsnr  even in lambda: "exponential" of k-diffusion, as it is even in log s
 *   uniform-alpha   even in the share of the signal, alpha / sqrt(alpha² + sigma²), which is alpha itself where the variance is preserved: one long step through pure
 *                   noise, then most of them where an image takes shape. Students of MNIST, 5 and 10 steps, 3072 paths: 18.2 and 8.2 from the teacher on the same
 *                   noise (Fréchet distance of 512 pairs), on uniform-t 19.0 and 11.4, on quad 29.0 and 18.8; even in the angle atan(sigma/alpha) 22.5 and 10.6
 *   karras          even in s^(1/7) (Karras et al., arXiv 2206.00364, eq. 5)
 *   trailing        T (1 − i/steps), the last node the cleanest
 *   leading         whole multiples of the spacing above the cleanest but one, then the cleanest: begins below T (which Lin et al., arXiv 2305.08891, show to be a flaw)
 */
export const GRID_KINDS = ['quad', 'uniform-t', 'uniform-logsnr', 'karras', 'trailing', 'leading', 'uniform-alpha'] as const;
export type GridKind = (typeof GRID_KINDS)[number];

/** The grid of a student where nothing else is asked for: where sigma grows to many times the data, EDM's. */
export const defaultGrid = (schedule: ScheduleConfig['name']): 'quad' | 'karras' => (explodes(schedule) ? 'karras' : 'quad');

/** The grids among which an evaluation searches where nothing else is asked for: the usual ones of the schedule, and those of the students, which solvers may have, too. */
export const searchedGrids = (schedule: ScheduleConfig['name'], students: readonly GridKind[]): GridKind[] =>
  [...new Set<GridKind>([...(explodes(schedule) ? ['karras', 'uniform-logsnr'] as const : ['quad', 'uniform-t', 'uniform-logsnr'] as const), ...students])];

/** The grids that begin where the teacher's paths do: a student's. */
export const WHOLE_GRIDS = GRID_KINDS.filter((kind) => kind !== 'leading');

/** `steps` + 1 nodes: t and σ fall, α and λ = log(α/σ) rise. */
export interface TimeGrid {
  readonly t: Float64Array;
  readonly alpha: Float64Array;
  readonly sigma: Float64Array;
  readonly lambda: Float64Array;
  readonly steps: number;
}

/** The level of a node. */
export const levelAt = ({ alpha, sigma, lambda }: { readonly alpha: ArrayLike<number>; readonly sigma: ArrayLike<number>; readonly lambda: ArrayLike<number> }, i: number): Level => ({ alpha: alpha[i]!, sigma: sigma[i]!, lambda: lambda[i]! });

/** The grid of the fine teacher: t_i = tMin + (tMax − tMin)(1 − i/steps)², and of a schedule with `rho` t_i^(1/rho) even from tMax^(1/rho) to tMin^(1/rho) (Karras et al., arXiv 2206.00364, eq. 5). */
export function fineGrid(schedule: NoiseSchedule, { steps, tMin }: { steps: number; tMin: number }): TimeGrid {
  if (!Number.isInteger(steps) || steps < 1) throw new SigdegError('UNSUPPORTED', `fine grid: expected at least 1 step, found ${steps}`);
  if (!(tMin > 0 && tMin < schedule.tMax)) {
    throw new SigdegError('UNSUPPORTED', `fine grid: expected tMin between 0 and ${schedule.tMax} (exclusive), found ${tMin}`);
  }
  const { tMax, rho } = schedule;
  const root = (t: number): number => t ** (1 / rho!);
  const place = rho === undefined ? (i: number) => tMin + (tMax - tMin) * (1 - i / steps) ** 2 : (i: number) => (i === 0 ? tMax : i === steps ? tMin : (root(tMin) + (root(tMax) - root(tMin)) * (1 - i / steps)) ** rho);
  return gridAt(schedule, Float64Array.from({ length: steps + 1 }, (_, i) => place(i)));
}

/** The grid of these times of a schedule, which fall. */
export const gridAt = (schedule: NoiseSchedule, t: Float64Array): TimeGrid => ({ t, alpha: t.map(schedule.alpha), sigma: t.map(schedule.sigma), lambda: t.map(schedule.lambda), steps: t.length - 1 });

/** The coordinate, rising along the grid, in which a kind of grid has its places, and those of all nodes but the last where they do not lie evenly from end to end. */
interface Spacing {
  readonly coordinate: (grid: TimeGrid, i: number) => number;
  readonly place?: (fine: TimeGrid, steps: number, i: number) => number;
}

const SPACING: Record<GridKind, Spacing> = {
  quad: { coordinate: (grid, i) => -Math.sqrt(Math.max(0, grid.t[i]! - grid.t[grid.steps]!)) },
  'uniform-t': { coordinate: (grid, i) => -grid.t[i]! },
  'uniform-logsnr': { coordinate: (grid, i) => grid.lambda[i]! },
  'uniform-alpha': { coordinate: ({ alpha, sigma }, i) => alpha[i]! / Math.hypot(alpha[i]!, sigma[i]!) },
  karras: { coordinate: (grid, i) => -Math.exp(-grid.lambda[i]! / 7) },
  trailing: { coordinate: (grid, i) => -grid.t[i]!, place: (fine, steps, i) => -fine.t[0]! * (1 - i / steps) },
  leading: {
    coordinate: (grid, i) => -grid.t[i]!,
    place(fine, steps, i) {
      const cleanest = fine.t[fine.steps]!;
      // Of training steps: one of them, and a whole number of them from node to node.
      const one = fine.t[fine.steps - 1]! - cleanest;
      const spacing = Math.floor((fine.t[0]! - cleanest + one) / one / steps + 1e-6) * one;
      return -(cleanest + one + (steps - 1 - i) * spacing);
    },
  },
};

/**
 * The nodes of a coarse grid with `steps` steps as indices into `fine`: the nearest to the kind's ideal places, then pushed apart where two
 * of them coincide. Strictly increasing to `fine.steps`, and from 0 but for `leading`.
 * @throws SigdegError UNSUPPORTED if `fine` has fewer steps.
 */
export function coarseIndices(fine: TimeGrid, steps: number, kind: GridKind): Int32Array {
  if (!Number.isInteger(steps) || steps < 1 || steps > fine.steps) {
    throw new SigdegError('UNSUPPORTED', `coarse grid: expected 1 to ${fine.steps} steps (the fine grid's number), found ${steps}`);
  }
  const { coordinate, place } = SPACING[kind];
  const first = coordinate(fine, 0);
  const last = coordinate(fine, fine.steps);
  const indices = new Int32Array(steps + 1);
  let node = 0;
  for (let i = 0; i <= steps; i++) {
    const target = place ? place(fine, steps, i) : first + ((last - first) * i) / steps;
    const tie = 1e-9 * (last - first); // half-way between two nodes the earlier one, whatever the rounding
    while (node < fine.steps && target - coordinate(fine, node) > coordinate(fine, node + 1) - target + tie) node++;
    indices[i] = node;
  }
  indices[steps] = fine.steps;
  for (let i = 1; i <= steps; i++) indices[i] = Math.max(indices[i]!, indices[i - 1]! + 1);
  for (let i = steps; i >= 0; i--) indices[i] = Math.min(indices[i]!, fine.steps - (steps - i));
  return indices;
}

/** The grid whose nodes are the given nodes of `fine`. */
export function coarsen(fine: TimeGrid, indices: Int32Array): TimeGrid {
  const pick = (values: Float64Array) => Float64Array.from(indices, (i) => values[i]!);
  return { t: pick(fine.t), alpha: pick(fine.alpha), sigma: pick(fine.sigma), lambda: pick(fine.lambda), steps: indices.length - 1 };
}
