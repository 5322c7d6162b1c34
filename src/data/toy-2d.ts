/**
 * Two-dimensional toy densities, drawn from the counter-based generator: point `index` depends on (seed, split, index) alone. Every set is
 * centred and scaled so that the root mean square over both coordinates is about 1; so model units are data units.
 *
 * Sines and cosines come from `core/random/normal`, which has the same bits on every machine; `Math.sin` and `Math.exp` need not.
 * The definitions are the customary ones of the generative-model literature (`toy_data.py` of FFJORD, Grathwohl et al. 2019, and the
 * scikit-learn generators it calls), rescaled; where a number differs, it says so.
 */
import { SigdegError } from '../core/errors';
import { fillNormals, fillUniforms } from '../core/random/normal';
import { turnCos, turnSin } from '../core/random/normal-reference';
import { STREAM } from '../core/random/streams';
import type { DatasetConfig } from './config';
import { checkIndex, type Dataset } from './dataset';

/** Maps two uniforms u in [0, 1) and two standard normals z to one point, written to `point`. */
type ToyDensity = (u: Float64Array, z: Float64Array, point: Float64Array) => void;

/** An angle in turns, as the 32-bit fraction of a turn that `turnCos` and `turnSin` take. */
function turnWord(turns: number): number {
  return Math.floor(turns * 2 ** 32) >>> 0;
}

/** e^x for |x| ≤ 8, to about 1e-15 relative, of + and × alone: Taylor's polynomial at x / 16, then four squarings. */
function exponential(x: number): number {
  const y = x / 16;
  let sum = 1;
  for (let k = 16; k >= 1; k--) sum = 1 + (y / k) * sum;
  for (let squaring = 0; squaring < 4; squaring++) sum *= sum;
  return sum;
}

/** Points of a set that does not say how many. */
export const TOY_COUNT = 100_000;
/** Two Philox steps a split: uniforms in the even one, normals in the odd one. */
const SPLIT_STEP = { train: 0, test: 2 } as const;

const HALF_ROOT = Math.SQRT1_2;
const OCTAGON = [
  [1, 0], [HALF_ROOT, HALF_ROOT], [0, 1], [-HALF_ROOT, HALF_ROOT], [-1, 0], [-HALF_ROOT, -HALF_ROOT], [0, -1], [HALF_ROOT, -HALF_ROOT],
] as const;

/** Eight Gaussians on a circle (Gulrajani et al. 2017): radius 1.4, std 0.1 each, so that the variance of a coordinate is 0.98 + 0.01. */
const eightGaussians: ToyDensity = (u, z, point) => {
  const centre = OCTAGON[Math.floor(u[0]! * 8)]!;
  point[0] = 1.4 * centre[0] + 0.1 * z[0]!;
  point[1] = 1.4 * centre[1] + 0.1 * z[1]!;
};

/** The black fields of a 4 × 4 board with unit fields, [−2, 2]²: x uniform, y in a field of the colour that x's column asks for. */
const checkerboard: ToyDensity = (u, _z, point) => {
  const x = 4 * u[0]! - 2;
  const column = Math.floor(x) & 1;
  const row = Math.floor(2 * u[1]!);
  const y = 2 * u[1]! - 2 + row + column;
  const scale = Math.sqrt(3) / 2; // 1 / std of a uniform variable on [−2, 2]
  point[0] = scale * x;
  point[1] = scale * y;
};

/** Two interleaving half circles (scikit-learn `make_moons`, noise 0.1), centred at (½, ¼) and enlarged by √2. */
const moons: ToyDensity = (u, z, point) => {
  const angle = turnWord(u[1]! / 2);
  const outer = u[0]! < 0.5;
  const x = outer ? turnCos(angle) : 1 - turnCos(angle);
  const y = outer ? turnSin(angle) : 0.5 - turnSin(angle);
  point[0] = Math.SQRT2 * (x + 0.1 * z[0]! - 0.5);
  point[1] = Math.SQRT2 * (y + 0.1 * z[1]! - 0.25);
};

/**
 * The x-z plane of scikit-learn's `make_swiss_roll` with noise 1, centred and divided by 7 (FFJORD divides by 5 and leaves its mean): with the
 * angle φ uniform on [3π/2, 9π/2], E φ cos φ = 2 and E φ sin φ = 2/(3π).
 */
const swissRoll: ToyDensity = (u, z, point) => {
  const turns = 0.75 * (1 + 2 * u[0]!);
  const radius = 2 * Math.PI * turns;
  const angle = turnWord(turns);
  point[0] = (radius * turnCos(angle) + z[0]! - 2) / 7;
  point[1] = (radius * turnSin(angle) + z[1]! - 2 / (3 * Math.PI)) / 7;
};

/** Five curved blades (Johnson et al. 2016, `make_pinwheel_data(0.3, 0.1, 5, rate 0.25)`), enlarged by 1.35. */
const pinwheel: ToyDensity = (u, z, point) => {
  const radial = 1 + 0.3 * z[0]!;
  const tangential = 0.1 * z[1]!;
  const blade = Math.floor(5 * u[0]!);
  const angle = turnWord(blade / 5 + (0.25 * exponential(radial)) / (2 * Math.PI));
  const cos = turnCos(angle);
  const sin = turnSin(angle);
  point[0] = 1.35 * (radial * cos + tangential * sin);
  point[1] = 1.35 * (tangential * cos - radial * sin);
};

const TOY_DENSITIES = {
  '8-gaussians': eightGaussians,
  checkerboard,
  moons,
  'swiss-roll': swissRoll,
  pinwheel,
} as const satisfies Record<string, ToyDensity>;

/** Of the sets that are made of several parts, which the first uniform chooses: their names. */
const TOY_CLASSES: Readonly<Partial<Record<ToyName, readonly string[]>>> = {
  '8-gaussians': ['east', 'north-east', 'north', 'north-west', 'west', 'south-west', 'south', 'south-east'],
  moons: ['outer', 'inner'],
  pinwheel: ['0', '1', '2', '3', '4'],
};

export type ToyName = keyof typeof TOY_DENSITIES;

/** The named toy set; 100 000 points where the config does not say. Throws BAD_CONFIG when it gives a path or an empty count. */
export function loadToy(name: ToyName, config: DatasetConfig): Dataset {
  if (config.path !== undefined) {
    throw new SigdegError('BAD_CONFIG', `dataset.path: the generated dataset ${name} takes no path, found '${config.path}'; remove it`);
  }
  const { count = TOY_COUNT, seed = 0 } = config;
  if (!Number.isInteger(count) || count < 1) {
    throw new SigdegError('BAD_CONFIG', `dataset.count: expected a whole number from 1, found ${count}`);
  }
  const step = SPLIT_STEP[config.split ?? 'train'];
  const density = TOY_DENSITIES[name];
  const u = new Float64Array(2);
  const z = new Float64Array(2);
  const point = new Float64Array(2);
  const classes = TOY_CLASSES[name];
  return {
    name,
    itemShape: [2],
    count,
    normalisation: { offset: 0, scale: 1 },
    fill(out, at, index) {
      checkIndex(name, count, index);
      fillUniforms(u, 0, 2, seed, STREAM.dataset, index, step);
      fillNormals(z, 0, 2, seed, STREAM.dataset, index, step + 1);
      density(u, z, point);
      out[at] = point[0]!;
      out[at + 1] = point[1]!;
    },
    ...(classes && {
      classes,
      label(index: number) {
        checkIndex(name, count, index);
        fillUniforms(u, 0, 1, seed, STREAM.dataset, index, step);
        return Math.floor(u[0]! * classes.length);
      },
    }),
  };
}
