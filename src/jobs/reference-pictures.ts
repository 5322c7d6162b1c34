import * as path from 'node:path';
import { samplePicture } from '../report/pictures';
import { atomicWrite } from '../store/atomic';
import { hasPictures, REFERENCE_FOLDER, writePictures, type Pictures } from '../store/pictures';
import { classesOf, classNamesOf } from './condition';
import { referenceOf } from './contestants';
import type { JobContext, JobResult, Task } from './context';
import { evaluationSeed } from './evaluation-seed';
import { pictureText } from './picture-text';
import { setupOf, type Common } from './setup';
import { readSamples, sampleTasks, type SamplingChoice } from './simulate';
import { shownItems } from './student-preview';

/**
 * What the trained teacher makes, with all its fine steps, of the noise that its students are shown with: `samples/reference`. The samples go to the cache, too,
 * where the evaluation finds its first chunk done.
 * @param steps the teacher's training steps, at the end of which the picture stands.
 */
export async function drawReference(context: JobContext, config: Common, steps: number): Promise<JobResult> {
  if (hasPictures(context.dir, REFERENCE_FOLDER)) return 'done';
  const { manifest: { id }, dir } = context;
  const runsDir = path.dirname(dir);
  const { fine, dataset: { itemShape } } = setupOf(config);
  const seed = evaluationSeed(config.seed, 0);
  const choice: SamplingChoice = { ...referenceOf(id, fine.steps, { condition: classesOf(config) && { guidance: 1 } }).choice, seed };
  const count = shownItems(itemShape);
  context.events.append({ type: 'progress', step: steps, steps, phase: 'reference samples' });
  const done = new Set<number>();
  const tasks = sampleTasks(runsDir, [choice], count, itemShape, seed) as unknown as Task[];
  await context.executor.run(tasks, (i) => { done.add(i); }, context);
  if (done.size < tasks.length) return 'stopped';
  const { samples } = readSamples(runsDir, choice, count);
  keepReference(context, steps, { seed, itemShape, count, classes: classNamesOf(config, choice.condition, count), guidance: choice.condition?.guidance }, { sampler: choice.sampler, steps: choice.steps, grid: choice.grid, samples });
  return 'done';
}

/** Writes what a teacher has drawn to `samples/reference`. @param step the training step at which the picture stands */
export function keepReference({ dir, manifest, events }: JobContext, step: number, items: Omit<Pictures, 'columns'>, drawn: Pick<Pictures['columns'][number], 'sampler' | 'steps' | 'grid' | 'samples'>): void {
  writePictures(dir, REFERENCE_FOLDER, { ...items, columns: [{ run: manifest.id, depth: null, teacher: true, ...drawn }] });
  const picture = `${REFERENCE_FOLDER}/picture.png`;
  const text = pictureText({ dir, models: [manifest.id], seeds: [items.seed], more: { sampler: drawn.sampler, steps: drawn.steps, grid: drawn.grid, weights: 'ema' } });
  atomicWrite(path.join(dir, picture), samplePicture(drawn.samples, items.itemShape, text));
  events.append({ type: 'image', name: 'reference', step, path: picture });
}
