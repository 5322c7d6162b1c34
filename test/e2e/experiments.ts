/** Experiments small enough for a test, made of the bundled example. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { encodeNpy } from '../../src/formats/npy';
import { listRuns, type RunSummary } from '../../src/store/run';
import { NODE, ROOT } from './provision/places';

export const EXAMPLE = path.join('media', 'examples', '8-gaussians.sigdeg.json');

interface Example {
  dataset: unknown;
  teacher: { training: { steps: number; batch: number } };
  paths: { count: number };
  students: { steps: number; depth: number; training: { steps: number; batch: number } }[];
  evaluation: { count: number; seeds: number; steps: number[] };
}

/** A few points and nets of a few numbers: a whole distillation takes seconds, a teacher of 200 000 steps minutes. */
export function writeSmall(file: string, teacherSteps: number, student: Readonly<Record<string, unknown>> = {}): string {
  const training = { steps: 40, batch: 32, learningRate: 0.002, checkpointEvery: 20, logEvery: 5 };
  fs.writeFileSync(file, `${JSON.stringify({
    dataset: { name: 'moons', count: 200 },
    schedule: { fineSteps: 8 },
    teacher: { net: { kind: 'mlp', width: 8, blocks: 1 }, training: { ...training, steps: teacherSteps, checkpointEvery: Math.min(teacherSteps, 500) } },
    paths: { count: 64 },
    students: [{ steps: 2, depth: 2, training, ...student }],
    evaluation: { count: 64, seeds: 3, steps: [2], samplers: ['ddpm', 'sig-deg'], grids: ['quad'] },
  }, null, 2)}\n`);
  return file;
}

/** What the command line makes of an experiment, for scenarios that begin with runs. */
export function distilled(workspace: string, file: string): RunSummary[] {
  const runs = path.join(workspace, '.sigdeg', 'runs');
  execFileSync(NODE, [path.join(ROOT, 'dist', 'cli.js'), '--engine', 'wasm', '--runs-dir', runs, 'distill', file], { cwd: workspace, stdio: ['ignore', 'ignore', 'pipe'], timeout: 200_000 });
  return listRuns(runs);
}

export interface Budget {
  readonly teacherSteps: number;
  readonly studentSteps: number;
  /** Paths, and samples of the evaluation. */
  readonly count: number;
}

/** Eight gaussians with two students of 5 steps, depth 1 and 3. */
export function writeExperiment(file: string, { teacherSteps, studentSteps, count }: Budget): string {
  const experiment = JSON.parse(fs.readFileSync(path.join(ROOT, EXAMPLE), 'utf8')) as Example;
  Object.assign(experiment.teacher.training, { steps: teacherSteps, batch: 128 });
  experiment.paths.count = count;
  for (const { training } of experiment.students) Object.assign(training, { steps: studentSteps, batch: 128 });
  Object.assign(experiment.evaluation, { count, seeds: 3 });
  fs.writeFileSync(file, `${JSON.stringify(experiment, null, 2)}\n`);
  return file;
}

/** Bytes of small images: a bright disc somewhere on a dark ground, [count, side, side]. */
function discs(count: number, side: number): Uint8Array {
  const data = new Uint8Array(count * side * side);
  for (let i = 0; i < data.length; i++) {
    const [item, y, x] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    // A low-discrepancy walk over centres and radii.
    const [cx, cy, radius] = [0.5545, 0.3081, 0.7549].map((step) => (item * step) % 1);
    const distance = Math.hypot(x - side * (0.3 + 0.4 * cx!), y - side * (0.3 + 0.4 * cy!));
    data[i] = Math.round(255 / (1 + Math.exp(2 * (distance - side * (0.12 + 0.15 * radius!)))));
  }
  return data;
}

/** The same on images, in a file of its own beside its data: two students of 5 and 10 steps. */
export function writeImageExperiment(file: string, { teacherSteps, studentSteps, count }: Budget): string {
  const side = 8;
  const data = `${path.basename(file, '.sigdeg.json')}.npy`;
  fs.writeFileSync(path.join(path.dirname(file), data), encodeNpy({ shape: [512, side, side], data: discs(512, side) }));
  const training = { batch: 32, learningRate: 0.002, ema: 0.99 };
  fs.writeFileSync(file, `${JSON.stringify({
    dataset: { name: 'npy', path: data },
    schedule: { fineSteps: 100 },
    teacher: { net: { kind: 'unet', channels: [8], blocks: 1, patch: 2 }, training: { ...training, steps: teacherSteps } },
    paths: { count },
    students: [5, 10].map((steps) => ({ steps, depth: 3, training: { ...training, steps: studentSteps, checkpointEvery: Math.ceil(studentSteps / 4) } })),
    evaluation: { count, seeds: 3, steps: [5, 10] },
  }, null, 2)}\n`);
  return file;
}
