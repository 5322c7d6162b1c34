/** Collects what a report shows from the runs of an evaluation: losses, samples and facts. The drawing is `src/report`'s. */
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import type { Dataset } from '../data/dataset';
import { noiseSettings, SAMPLERS, type SamplerName } from '../diffusion/samplers/names';
import { comparisonLines, isStudent, measuredRows, metricTitle, primaryMetric, type ComparisonLine } from '../report/comparison';
import type { LossSeries, ReportInput, SampleSet } from '../report/input';
import { bestOf } from '../report/score';
import type { EvaluationRow } from '../store/evaluation-row';
import { readEvents } from '../store/events';
import { readRun, runFolder, type RunSummary } from '../store/run';
import { classesOf } from './condition';
import type { JobContext } from './context';
import { setupOf, type Common, type StudentConfig } from './setup';
import { readSamples, type SamplingChoice } from './simulate';
import { isHeldOutLoss, isTrainingLoss } from '../store/loss-names';

/** Points of a scatter; more only make it darker. */
const SCATTER_POINTS = 8192;
/** Pictures side by side that share their noise. */
const IMAGE_COLUMNS = 12;
/** With more lines than this a report shows the best student and the best solver of every step count only. */
const MOST_SCATTERS = 16;

export function reportInput(context: JobContext, rows: readonly EvaluationRow[], seconds: number): ReportInput {
  const runsDir = path.dirname(context.dir);
  const { manifest, engine } = context;
  const runs = manifest.parents.map((id) => readRun(runFolder(runsDir, id)));
  const config = manifest.config as unknown as Common;
  const { dataset, fine } = setupOf(config);
  const first = measuredRows(rows)[0]!;
  const seeds = [...new Set(rows.map((row) => row.seed))];
  return {
    title: manifest.experiment ?? manifest.name,
    facts: [
      ['Dataset', `${dataset.name}, ${dataset.count} items [${dataset.itemShape.join(', ')}], model = (data − ${dataset.normalisation.offset}) / ${dataset.normalisation.scale}`],
      ['Teacher', `${config.teacher.prediction} prediction, ${config.teacher.net.kind}, ${fine.steps} steps, schedule ${config.schedule.name}`],
      ['Samples', `${first.n} a set, seeds ${seeds.join(', ')}, ${first.weights} weights`],
      ...(first.settings['guidance'] === undefined ? [] : [['Classes', `in turn: ${classesOf(config)!.join(', ')}; guidance ${String(first.settings['guidance'])}`] as const]),
      ['Evaluation', `${seconds.toFixed(0)} s on the engine ${engine.name} ${engine.version}`],
      ['Training', runs.map((run) => `${run.kind === 'teacher' ? 'teacher' : run.name} ${trainingTime(run)}`).join(', ')],
      ['Versions', Object.entries(manifest.versions).map(([name, version]) => `${name} ${version}`).join(', ')],
    ],
    rows,
    losses: runs.flatMap(lossesOf),
    samples: { itemShape: dataset.itemShape, sets: samplesOf(context, rows) },
  };
}

/** Of a student with the loss on what it is not trained on. */
function lossesOf(run: RunSummary): LossSeries[] {
  const events = readEvents(run.dir);
  const pointsOf = (wanted: (name: string) => boolean) => events.flatMap((event) => (event.type === 'scalar' && wanted(event.name) ? [[event.step, event.value] as const] : []));
  const depth = run.kind === 'student' ? (run.config as unknown as StudentConfig).student.depth : null;
  const series = { label: run.kind === 'teacher' ? 'teacher' : run.name, kind: run.kind === 'teacher' ? 'teacher' : 'student', depth } as const;
  const heldOut = pointsOf(isHeldOutLoss);
  return [{ ...series, heldOut: false, points: pointsOf(isTrainingLoss) }, ...(heldOut.length > 0 ? [{ ...series, label: `${series.label}, held out`, heldOut: true, points: heldOut }] : [])];
}

/** How long a run computed, over all the times that it was started; one that came trained never was. */
function trainingTime(run: RunSummary): string {
  let [seconds, begun, started] = [0, 0, false];
  for (const event of readEvents(run.dir)) {
    if (event.type !== 'state') continue;
    if (event.state === 'running') [begun, started] = [event.time, true];
    else if (begun > 0) [seconds, begun] = [seconds + (event.time - begun) / 1000, 0];
  }
  return started ? `${seconds.toFixed(0)} s` : 'ready-made';
}

function samplesOf(context: JobContext, rows: readonly EvaluationRow[]): SampleSet[] {
  const runsDir = path.dirname(context.dir);
  const { dataset } = setupOf(context.manifest.config as unknown as Common);
  const image = dataset.itemShape.length > 1;
  const [{ n: counted, seed }] = measuredRows(rows) as [EvaluationRow, ...EvaluationRow[]];
  const n = Math.min(counted, image ? IMAGE_COLUMNS : SCATTER_POINTS);
  const data = dataItems(dataset, Math.min(n, dataset.count), sizeOf(dataset.itemShape));
  const metric = primaryMetric(rows);
  const shown = (image ? imageLines : scatterLines)(comparisonLines(rows, metric), bestBySteps(metric));
  const sets = shown.map((line): SampleSet => ({ contestant: line, samples: readSamples(runsDir, choiceOf(line, seed), n).samples }));
  return data ? [{ contestant: 'data', samples: data }, ...sets] : sets;
}

/** The first items; undefined where there are none, or not on this machine: nothing but the picture of them needs them. */
function dataItems(dataset: Dataset, count: number, size: number): Float32Array | undefined {
  if (count === 0) return undefined;
  const data = new Float32Array(count * size);
  try {
    for (let i = 0; i < count; i++) dataset.fill(data, i * size, i);
    return data;
  } catch (error) {
    if (error instanceof SigdegError && error.code === 'NO_DATA') return undefined;
    throw error;
  }
}

function choiceOf(line: ComparisonLine, seed: number): SamplingChoice {
  return {
    model: line.run, weights: 'ema', sampler: line.sampler as SamplerName, steps: line.steps, grid: line.grid as SamplingChoice['grid'],
    lowerOrderFinal: line.settings['lowerOrderFinal'] === true, clamp: line.settings['clamp'] === true, brownian: 'shared', seed,
    ...noiseSettings({ eta: numberOf(line, 'eta'), churn: numberOf(line, 'churn') }),
    ...(typeof line.settings['guidance'] === 'number' && { condition: { guidance: line.settings['guidance'] } }),
  };
}

const numberOf = ({ settings }: ComparisonLine, name: string): number | undefined => (typeof settings[name] === 'number' ? settings[name] : undefined);

/** The best of some lines for every step count, most steps first. */
type BestBySteps = (lines: readonly ComparisonLine[]) => ComparisonLine[];

const bestBySteps = (metric: string): BestBySteps => (lines) =>
  [...new Set(lines.map((line) => line.steps))].sort((a, b) => b - a).map((steps) => bestOf(lines.filter((line) => line.steps === steps), metricTitle(metric))!);

function scatterLines(lines: readonly ComparisonLine[], best: BestBySteps): ComparisonLine[] {
  const teacher = lines.filter((line) => line.teacher);
  const others = lines.filter((line) => !line.teacher);
  if (others.length <= MOST_SCATTERS) return [...teacher, ...others];
  return [...teacher, ...best(others.filter(isStudent)), ...best(others.filter((line) => !isStudent(line)))];
}

/** Rows of a picture: the teacher, the students, then the best ODE solver, which has no path to follow but the same start. */
function imageLines(lines: readonly ComparisonLine[], best: BestBySteps): ComparisonLine[] {
  const others = lines.filter((line) => !line.teacher);
  const ode = others.filter((line) => !isStudent(line) && SAMPLERS[line.sampler as SamplerName].kind === 'ode');
  const sde = others.filter((line) => !isStudent(line) && SAMPLERS[line.sampler as SamplerName].kind === 'sde');
  return [...lines.filter((line) => line.teacher), ...best(others.filter(isStudent)), ...best(ode), ...best(sde)];
}
