/** Takes a trained teacher and its student into `media/models/NAME`, in half precision, with the configs that they were trained from. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { floatsToHalves } from '../../src/formats/half';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '../../src/formats/safetensors';
import { type ReadyModelSchema } from '../../src/jobs/ready-models';
import { trainedCheckpoint } from '../../src/jobs/trained-checkpoint';
import { findRun, readRun, runFolder, type RunSummary } from '../../src/store/run';

type Described = z.infer<typeof ReadyModelSchema>;

function packWeights(run: RunSummary, file: string): number {
  const checkpoint = trainedCheckpoint(run.dir);
  const { tensors } = decodeSafetensors(checkpoint.file('ema.safetensors'), run.id);
  const halves = new Map([...tensors].map(([name, { shape, data }]): [string, TensorData] => [name, { dtype: 'F16', shape, data: floatsToHalves(data as Float32Array) }]));
  writeFileSync(file, encodeSafetensors(halves));
  return checkpoint.step;
}

/** What a run was trained from, without the places of files on this machine. */
function described(run: RunSummary, step: number): Described['teacher'] {
  const { baseDir: _, dataset, ...config } = run.config as Record<string, unknown> & { dataset: { path?: unknown } };
  const { path: __, ...data } = dataset;
  return { config: { ...config, dataset: data }, seed: run.seed, step, engine: run.engine, versions: run.versions };
}

export function packModel(runsDir: string, ref: string, title: string, folder: string): void {
  const student = findRun(runsDir, ref);
  const teacher = readRun(runFolder(runsDir, student.parents[0]!));
  mkdirSync(folder, { recursive: true });
  const [teacherStep, studentStep] = [teacher, student].map((run, i) => packWeights(run, path.join(folder, i === 0 ? 'teacher.safetensors' : 'student.safetensors'))) as [number, number];
  const model: Described = { format: 1, title, teacher: described(teacher, teacherStep), student: described(student, studentStep) };
  writeFileSync(path.join(folder, 'model.json'), `${JSON.stringify(model, null, 2)}\n`);
}
