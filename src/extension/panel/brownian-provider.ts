/** The Brownian path that drives one number of one item, and what a student's signature keeps of it. */
import { SigdegError } from '../../core/errors';
import { coarseIndices, defaultGrid, type TimeGrid } from '../../core/grid';
import { fillNormals } from '../../core/random/normal';
import { INITIAL_STEP, STREAM } from '../../core/random/streams';
import { expectedNoise, standardisedPath } from '../../core/signature';
import { sizeOf } from '../../core/shape';
import { DiscreteScheduleSchema, ExperimentFile } from '../../jobs/config';
import { parseConfig } from '../../jobs/config-errors';
import { evaluationSeed } from '../../jobs/evaluation-seed';
import { fineGridOf, fineStepsOf, type Common } from '../../jobs/setup';
import { pictureSteps, stepFolder } from '../../store/pictures';
import type { RunIndex } from '../../store/run-index';
import type { RunSummary } from '../../store/run';
import type { BrownianAsk, BrownianChoice, BrownianPicture } from '../../../webview/protocol';
import type { PictureFiles } from './picture-files';
import { chosenStudents } from './related';

type Runs = Pick<RunIndex, 'all' | 'get'>;

const ITEMS = 16;
const MOST_ITEMS = 1_000_000;
/** Drawing a late one means drawing all before it, at every fine step. */
const MOST_COORDINATES = 65_536;
/** A run that claims more is no run of this program. */
const MOST_FINE_STEPS = 100_000;
const MOST_DEPTH = 64;

/** Ids are `<run>@<steps>`. A student whose config cannot be read has none. */
export async function brownianChoices(runs: Runs, files: PictureFiles, chosen: readonly string[]): Promise<BrownianChoice[]> {
  const lists = await Promise.all(chosenStudents(runs, chosen).map(async (run) => {
    try {
      const { steps, depth } = studentOf(run);
      const coordinates = await coordinatesOf(files, run);
      return steps.map((count): BrownianChoice => ({ id: `${run.id}@${count}`, label: `${run.name}, depth ${depth} @ ${count}`, run: run.id, items: ITEMS, coordinates }));
    } catch {
      return [];
    }
  }));
  return lists.flat();
}

/** Numbers of one item, as its pictures have them; of a student without any, those of points. */
async function coordinatesOf(files: PictureFiles, run: RunSummary): Promise<number> {
  const step = pictureSteps(run.dir).at(-1);
  const itemShape = step === undefined ? [2] : await files.read(run.dir, stepFolder(step)).then((pictures) => pictures.itemShape, () => [2]);
  return sizeOf(itemShape);
}

/** @throws SigdegError NOT_FOUND, BAD_CONFIG, UNSUPPORTED */
export function brownianPicture(runs: Runs, { source, item, coordinate }: Omit<BrownianAsk, 'kind'>): BrownianPicture {
  const [id = '', count] = source.split('@');
  const run = runs.get(id);
  if (run?.kind !== 'student') throw new SigdegError('NOT_FOUND', 'this student is not there (any more): choose another one');
  const { steps, depth, grid, fine } = studentOf(run);
  const chosen = steps.find((one) => String(one) === count);
  if (chosen === undefined) throw new SigdegError('NOT_FOUND', `${run.name} takes ${steps.join(' or ')} steps`);
  if (!isIndex(item, MOST_ITEMS) || !isIndex(coordinate, MOST_COORDINATES)) throw new SigdegError('BAD_USAGE', `expected an item from 0 to ${MOST_ITEMS - 1} and a coordinate from 0 to ${MOST_COORDINATES - 1}`);

  const indices = coarseIndices(fine, chosen, grid);
  const seed = evaluationSeed(run.seed, 0);
  const [initial, z] = noiseOf(fine, seed, item, coordinate);
  const path = standardisedPath(fine, initial, z);
  const reconstructions = expectedNoise(fine, indices, depth, z).map((expected, k) => {
    const rebuilt = standardisedPath(fine, initial, expected);
    return { depth: k + 1, path: rebuilt, rmse: Math.sqrt(rebuilt.reduce((sum, value, i) => sum + (value - path[i]!) ** 2, 0) / path.length) };
  });
  return {
    label: `seed ${seed}, item ${item}, coordinate ${coordinate}`,
    times: fine.lambda, path, timeName: 'λ, half the log signal-to-noise ratio', valueName: 'B(θ)/√θ, θ = exp(2λ)', knots: Array.from(indices, (i) => fine.lambda[i]!), reconstructions,
  };
}

const isIndex = (value: number, end: number): boolean => Number.isInteger(value) && value >= 0 && value < end;

/** The path's start and its normals, as every sampler draws them. */
function noiseOf(fine: TimeGrid, seed: number, item: number, coordinate: number): [initial: number, z: Float64Array] {
  const numbers = new Float64Array(coordinate + 1);
  const draw = (step: number): number => {
    fillNormals(numbers, 0, numbers.length, seed, STREAM.sampling, item, step);
    return numbers[coordinate]!;
  };
  return [draw(INITIAL_STEP), Float64Array.from({ length: fine.steps }, (_, j) => draw(j))];
}

/** @throws SigdegError BAD_CONFIG, UNSUPPORTED for what no student of this program has */
function studentOf(run: RunSummary): { steps: readonly number[]; depth: number; grid: Parameters<typeof coarseIndices>[2]; fine: TimeGrid } {
  const config = run.config as { schedule?: unknown; student?: unknown } | null;
  const { steps, depth = 1, grid } = parseConfig(ExperimentFile.shape.students.element, config?.student, `${run.id}: student`);
  const schedule = scheduleOf(config?.schedule, `${run.id}: schedule`);
  const fineSteps = fineStepsOf(schedule);
  if (fineSteps > MOST_FINE_STEPS || depth > MOST_DEPTH) throw new SigdegError('UNSUPPORTED', `${run.id}: expected at most ${MOST_FINE_STEPS} fine steps and depth ${MOST_DEPTH}, found ${fineSteps} and ${depth}`);
  return { steps: [steps ?? []].flat(), depth, grid: grid ?? defaultGrid(schedule.name), fine: fineGridOf(schedule) };
}

const scheduleOf = (schedule: unknown, where: string): Common['schedule'] =>
  (schedule as { name?: unknown } | undefined)?.name === 'discrete' ? parseConfig(DiscreteScheduleSchema, schedule, where) : parseConfig(ExperimentFile.shape.schedule, schedule, where);
