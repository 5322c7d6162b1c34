import { coarseIndices, coarsen } from '../core/grid';
import { STREAM } from '../core/random/streams';
import { FineNoise, SharedPath } from '../diffusion/brownian';
import { conditionTensors } from '../diffusion/condition';
import { STUDENT_SAMPLER } from '../diffusion/samplers/names';
import { samplePicture } from '../report/pictures';
import * as tf from '../runtime/tf';
import { studentSampler } from '../sigdeg/sample';
import type { Student, TeacherX0 } from '../sigdeg/student';
import { atomicWrite } from '../store/atomic';
import { stepFolder, writePictures } from '../store/pictures';
import { classNamesOf, itemConditions, taughtCondition, usualGuidance } from './condition';
import type { JobContext } from './context';
import { evaluationSeed } from './evaluation-seed';
import { pictureText } from './picture-text';
import { setupOf, type StudentConfig } from './setup';

/** How many samples are kept for looking at: pictures, or points of a scatter. */
export const shownItems = (itemShape: readonly number[]): number => (itemShape.length === 1 ? 1500 : 16);

/**
 * What a student in training makes of always the same noise, drawn at every checkpoint with its moving average: one can watch it come near the teacher's
 * reference (`drawReference`). It reads the weights and nothing else of the training, whose numbers are the same without it.
 */
export class StudentPreview {
  private noise: FineNoise | undefined;
  private readonly config: StudentConfig;

  constructor(private readonly context: JobContext, private readonly student: Student, private readonly teacher: TeacherX0 | undefined) {
    this.config = context.manifest.config as unknown as StudentConfig;
  }

  /** Writes `samples/step-…` for every step count of the student. The checkpoint of this step has been written. */
  draw(step: number, ema: Float32Array): void {
    const { student: { grid, depth, ...wanted }, seed } = this.config;
    const { fine, dataset: { itemShape } } = setupOf(this.config);
    const counts = [wanted.steps].flat();
    const noise = this.noise ??= this.prepare(counts);
    const { layout } = this.student;
    const pieces = tf.tidy(() => layout.split(tf.tensor1d(ema)));
    const sampler = studentSampler(this.student, layout.weights(pieces), this.teacher);
    const taught = taughtCondition(this.config);
    const count = shownItems(itemShape);
    const shown = taught && { guidance: usualGuidance(taught.guidance) };
    const condition = taught && conditionTensors(itemConditions(shown!, taught.classes, { first: 0, count }), taught.classes);
    const columns = counts.map((steps) => {
      const indices = coarseIndices(fine, steps, grid);
      const x = sampler.sample(coarsen(fine, indices), new SharedPath(noise, indices), undefined, condition);
      const samples = x.dataSync<'float32'>().slice();
      x.dispose();
      return { run: this.context.manifest.id, sampler: STUDENT_SAMPLER, steps, depth, grid, teacher: false, samples };
    });
    sampler.dispose();
    tf.dispose(pieces);
    tf.dispose({ ...condition });
    writePictures(this.context.dir, stepFolder(step), { seed: evaluationSeed(seed, 0), itemShape, count, classes: classNamesOf(this.config, shown, count), guidance: shown?.guidance, columns });
    for (const { steps, samples } of columns) {
      const file = `${stepFolder(step)}/steps-${steps}.png`;
      const text = pictureText({ dir: this.context.dir, models: [this.context.manifest.id], seeds: [evaluationSeed(seed, 0)], more: { sampler: STUDENT_SAMPLER, steps, grid, weights: 'ema' } });
      atomicWrite(`${this.context.dir}/${file}`, samplePicture(samples, itemShape, text));
      this.context.events.append({ type: 'image', name: `steps-${steps}`, step, path: file });
    }
  }

  /** The fine noise is drawn once; what the step counts need of it is small and stays. */
  private prepare(counts: readonly number[]): FineNoise {
    const { student: { grid }, seed } = this.config;
    const { fine, dataset: { itemShape } } = setupOf(this.config);
    const noise = new FineNoise(fine, { seed: evaluationSeed(seed, 0), stream: STREAM.sampling, first: 0, count: shownItems(itemShape), itemShape });
    noise.prepare(counts.map((steps) => ({ indices: coarseIndices(fine, steps, grid), clock: 'theta', depth: this.student.termsAt(steps) })));
    return noise;
  }
}
