/** Takes a trained teacher and its students into `media/models/NAME`, in half precision, with the configs that they were trained from. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { floatsToHalves } from '../../src/formats/half';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '../../src/formats/safetensors';
import { studentFileOf, type ReadyModelSchema, type Trained } from '../../src/jobs/ready-models';
import { trainedCheckpoint } from '../../src/jobs/trained-checkpoint';
import { findRun, readRun, runFolder, type RunSummary } from '../../src/store/run';

function packWeights(run: RunSummary, file: string): number {
  const checkpoint = trainedCheckpoint(run.dir);
  const { tensors } = decodeSafetensors(checkpoint.file('ema.safetensors'), run.id);
  const halves = new Map([...tensors].map(([name, { shape, data }]): [string, TensorData] => [name, { dtype: 'F16', shape, data: floatsToHalves(data as Float32Array) }]));
  writeFileSync(file, encodeSafetensors(halves));
  return checkpoint.step;
}

/** What a run was trained from, without the places of files on this machine. */
function described(run: RunSummary, step: number): Trained {
  const { baseDir: _, dataset, ...config } = run.config as Record<string, unknown> & { dataset: { path?: unknown } };
  const { path: __, ...data } = dataset;
  return { config: { ...config, dataset: data }, seed: run.seed, step, engine: run.engine, versions: run.versions };
}

/** @param refs students of one teacher, those for the fewest steps first */
export function packModel(runsDir: string, refs: readonly string[], title: string, folder: string): void {
  const students = refs.map((ref) => findRun(runsDir, ref));
  const [teacherId, ...others] = new Set(students.map(({ parents }) => parents[0]!));
  if (teacherId === undefined || others.length > 0) throw new Error(`expected students of one teacher, found ${1 + others.length} teachers`);
  mkdirSync(folder, { recursive: true });
  const packed = (run: RunSummary, stem: string): Trained => described(run, packWeights(run, path.join(folder, `${stem}.safetensors`)));
  const model: z.infer<typeof ReadyModelSchema> = { format: 1, title, teacher: packed(readRun(runFolder(runsDir, teacherId)), 'teacher'), students: students.map((run) => packed(run, studentFileOf(run))) };
  writeFileSync(path.join(folder, 'model.json'), `${JSON.stringify(model, null, 2)}\n`);
}
