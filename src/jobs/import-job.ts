import * as path from 'node:path';
import { coarseIndices, coarsen, defaultGrid } from '../core/grid';
import { STREAM } from '../core/random/streams';
import { SigdegError } from '../core/errors';
import { explodes, type NoiseSchedule } from '../core/schedule';
import { FineNoise, SharedPath } from '../diffusion/brownian';
import { denoisingTest } from '../diffusion/denoising-test';
import { runSampler } from '../diffusion/run-sampler';
import { SOLVERS } from '../diffusion/samplers/table';
import { createTeacher } from '../diffusion/teacher';
import { encodeSafetensors } from '../formats/safetensors';
import * as tf from '../runtime/tf';
import { latestCheckpoint, writeCheckpoint } from '../store/checkpoints';
import type { JobContext, JobResult } from './context';
import { loadWeights } from './diffusers-weights';
import { evaluationSeed } from './evaluation-seed';
import { TEST_EVENTS } from './import-test-events';
import { loadModel } from './model';
import { readOnnxFile } from './onnx-file';
import { keepReference } from './reference-pictures';
import { ONNX_FILE } from './trained-checkpoint';
import { isOnnxTeacher, setupOf, type Common, type DiffusersTeacher, type ImportedTeacher, type OnnxTeacher } from './setup';

/** Items of the test. */
const TESTED_ITEMS = 16;
const SOLVER = { name: 'dpmpp-2m', steps: 20 } as const;

/** Takes the weights of a teacher that was trained elsewhere into the store, and tries whether it denoises. */
export async function importJob(context: JobContext, config: Common, teacher: ImportedTeacher): Promise<JobResult> {
  const { dataset, schedule, fine } = setupOf(config);
  const { events, dir } = context;
  if (!latestCheckpoint(dir)) {
    const { net, prediction, clip } = teacher;
    const { files, message } = isOnnxTeacher(teacher) ? takeFile(teacher) : takeWeights(teacher, dataset.itemShape, schedule);
    // Beside the weights what makes a denoiser of them, so that the checkpoint's hash names it.
    writeCheckpoint(dir, 0, { ...files, 'denoiser.json': Buffer.from(JSON.stringify({ net, prediction, clip })) }, { step: 0 });
    events.append({ type: 'log', level: 'info', message });
  }
  await context.pause();
  if (context.interrupted()) return 'stopped';

  events.append({ type: 'progress', step: 0, steps: 1, phase: 'denoising test' });
  const denoiser = loadModel(path.dirname(dir), context.manifest.id, 'ema').teacher;
  const seed = evaluationSeed(config.seed, 0);
  const { itemShape } = dataset;
  const steps = Math.min(SOLVER.steps, fine.steps);
  const grid = explodes(schedule.name) ? defaultGrid(schedule.name) : 'uniform-t';
  const indices = coarseIndices(fine, steps, grid);
  const noise = new FineNoise(fine, { seed, stream: STREAM.sampling, first: 0, count: TESTED_ITEMS, itemShape });
  const drawn = runSampler(SOLVERS[SOLVER.name], { denoiser, schedule, grid: coarsen(fine, indices), path: new SharedPath(noise, indices), settings: { lowerOrderFinal: true } });
  const samples = drawn.dataSync<'float32'>().slice();
  const bad = samples.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SigdegError('BAD_FILE', `${sourceOf(teacher)}: the model draws ${String(samples[bad])} where a number is expected: its weights, or its prediction or schedule${toldIn(teacher)}, are not those that it was trained with`);

  // Without data its own samples are what it must be able to denoise.
  const clean = dataset.count === 0 ? drawn : tf.tidy(() => {
    const items = new Float32Array(drawn.size);
    for (let i = 0; i < TESTED_ITEMS; i++) dataset.fill(items, (i * items.length) / TESTED_ITEMS, i % dataset.count);
    return tf.tensor(items, drawn.shape);
  });
  const results = denoisingTest(denoiser, clean, fine, seed);
  tf.dispose([drawn, clean]);
  for (const { node, error, linear, logSnr } of results) {
    const step = fine.steps - node;
    events.append({ type: 'scalar', name: TEST_EVENTS.error, step, value: error });
    events.append({ type: 'scalar', name: TEST_EVENTS.linear, step, value: linear });
    events.append({ type: 'scalar', name: TEST_EVENTS.logSnr, step, value: logSnr });
  }
  const worse = results.filter(({ error, linear }) => !(error < linear));
  if (worse.length > 0) {
    events.append({ type: 'log', level: 'warn', message: `at ${worse.length} of ${results.length} noise levels the model denoises worse than a linear filter: it is untrained, or its prediction or schedule is another than what ${isOnnxTeacher(teacher) ? 'was named' : 'scheduler_config.json says'}` });
  }
  events.append({ type: 'progress', step: 1, steps: 1, phase: 'denoising test' });
  keepReference(context, 0, { seed, itemShape, count: TESTED_ITEMS }, { sampler: SOLVER.name, steps, grid, samples });
  return 'done';
}

interface Taken {
  /** What the checkpoint keeps. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly message: string;
}

function takeWeights(teacher: DiffusersTeacher, itemShape: readonly number[], schedule: NoiseSchedule): Taken {
  const { folder, weights } = teacher.imported;
  const { layout } = createTeacher(teacher.net, itemShape, schedule);
  const tensors = loadWeights(weights.map(({ file, sha256 }) => ({ file: path.join(folder, file), sha256 })));
  const flat = layout.fromTensors(tensors, folder);
  return { files: { 'ema.safetensors': encodeSafetensors(layout.toTensors(flat)) }, message: `took in ${layout.size} parameters of ${folder}` };
}

function takeFile({ imported: { file, sha256 } }: OnnxTeacher): Taken {
  const read = readOnnxFile(file);
  if (read.sha256 !== sha256) throw new SigdegError('BAD_FILE', `${file}: changed since it was imported: import it again`);
  return { files: { [ONNX_FILE]: read.bytes }, message: `took in ${read.bytes.length} bytes of ${file}` };
}

const sourceOf = (teacher: ImportedTeacher): string => (isOnnxTeacher(teacher) ? teacher.imported.file : teacher.imported.folder);
const toldIn = (teacher: ImportedTeacher): string => (isOnnxTeacher(teacher) ? '' : ' in scheduler_config.json');
