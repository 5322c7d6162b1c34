/** Some of the samples that a job has drawn, kept in its run for looking at; the cache may be emptied at any time. */
import * as path from 'node:path';
import { comparisonLines, type ComparisonLine } from '../report/comparison';
import { readEvents } from '../store/events';
import { hasFlow as runHasFlow, writeFlow, type FlowTrack } from '../store/flow';
import { SAMPLES_FOLDER, writePictures, type PictureColumn } from '../store/pictures';
import { classNamesOf } from './condition';
import type { Contestant } from './contestants';
import type { JobContext } from './context';
import { hasFlow, recordedFlow } from './flow';
import { loadModel } from './model';
import { setupOf } from './setup';
import { readSamples, type SamplingChoice } from './simulate';
import { shownItems } from './student-preview';

/** The pictures of an evaluation's lines, each contestant at its best setting, and the flow of its teacher and students. */
export function keepEvaluationPictures(context: JobContext, contestants: readonly Contestant[], seed: number, n: number): void {
  const runsDir = path.dirname(context.dir);
  const [reference] = contestants as readonly [Contestant, ...Contestant[]];
  const { config } = loadModel(runsDir, reference.choice.model, 'ema');
  const { fine, dataset: { itemShape } } = setupOf(config);
  context.events.flush();
  const lines = comparisonLines(readEvents(context.dir).flatMap((event) => (event.type === 'eval' ? [event.row] : [])));
  const isOf = ({ run, sampler, steps, grid, settings }: ComparisonLine, { choice }: Contestant): boolean =>
    run === choice.model && sampler === choice.sampler && steps === choice.steps && grid === choice.grid
    && settings['lowerOrderFinal'] === choice.lowerOrderFinal && settings['clamp'] === choice.clamp && settings['eta'] === choice.eta && settings['churn'] === choice.churn;
  const shown = contestants.filter((contestant) => contestant === reference || lines.some((line) => isOf(line, contestant)));
  const count = Math.min(n, shownItems(itemShape));
  writePictures(context.dir, SAMPLES_FOLDER, {
    seed, itemShape, count, classes: classNamesOf(config, reference.choice.condition, count), guidance: reference.choice.condition?.guidance,
    columns: shown.map(({ choice, depth }) => ({ ...columnOf(choice, depth), teacher: choice === reference.choice, samples: readSamples(runsDir, { ...choice, seed }, count).samples })),
  });

  if (runHasFlow(context.dir)) return;
  const tracks = contestants.flatMap(({ choice, depth }): FlowTrack[] => {
    const seeded: SamplingChoice = { ...choice, seed };
    if (!hasFlow(seeded, itemShape, fine.steps)) return [];
    const flow = recordedFlow(runsDir, seeded, loadModel(runsDir, choice.model, choice.weights));
    const { grid: _, ...column } = columnOf(choice, depth);
    return flow ? [{ ...column, teacher: choice === reference.choice, ...flow }] : [];
  });
  if (tracks.length > 0) writeFlow(context.dir, tracks);
}

/** The first samples of a `samples` run. */
export function keepSamplePictures(context: JobContext, choice: SamplingChoice, n: number): void {
  const runsDir = path.dirname(context.dir);
  const model = loadModel(runsDir, choice.model, choice.weights);
  const { itemShape } = setupOf(model.config).dataset;
  const count = Math.min(n, itemShape.length === 1 ? shownItems(itemShape) : 64);
  const column = columnOf(choice, model.student?.config.student.depth ?? null);
  writePictures(context.dir, SAMPLES_FOLDER, { seed: choice.seed, itemShape, count, classes: classNamesOf(model.config, choice.condition, count), guidance: choice.condition?.guidance, columns: [{ ...column, samples: readSamples(runsDir, choice, count).samples }] });
}

const columnOf = ({ model, sampler, steps, grid }: Omit<SamplingChoice, 'seed'>, depth: number | null): PictureColumn => ({ run: model, sampler, steps, depth, grid, teacher: false });
