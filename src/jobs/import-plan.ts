/** What the import of a teacher makes: one run, planned from the folder's JSON files and the heads of its weights. Loads no tfjs. */
import * as path from 'node:path';
import { describeData } from '../data/describe';
import { SigdegError } from '../core/errors';
import { hashJson } from '../store/hash';
import type { PlannedRun } from './context';
import { readDiffusersFolder } from './diffusers-folder';
import { fileHash } from './diffusers-weights';
import type { Common, ImportedTeacher } from './setup';

export interface ImportOptions {
  readonly name?: string | undefined;
  /** A scheduler_config.json, where the folder has none or another is wanted. */
  readonly scheduler?: string | undefined;
  readonly classLabel?: number | undefined;
  /** Items like those that the model was trained on. */
  readonly data?: string | undefined;
  readonly seed: number;
}

/** @throws SigdegError NOT_FOUND, BAD_FILE, UNSUPPORTED for what cannot be imported, before anything is made */
export function planImport(given: string, { name, scheduler, classLabel, data, seed }: ImportOptions): { planned: PlannedRun; notes: readonly string[] } {
  const found = readDiffusersFolder(given, { scheduler, classLabel });
  const { folder, architecture, schedule } = found;
  const [height, width] = architecture.sample_size;
  const shape = [height, width, architecture.in_channels];
  const teacher: ImportedTeacher = {
    net: { kind: 'unet2d', architecture, ...(classLabel === undefined ? {} : { classLabel }) },
    prediction: schedule.prediction,
    clip: schedule.clip,
    imported: {
      format: 'diffusers',
      folder,
      pipeline: found.pipeline,
      scheduler: schedule.scheduler,
      timestepSpacing: schedule.timestepSpacing,
      weights: found.weights.map(({ file }) => ({ file: path.relative(folder, file).replaceAll('\\', '/'), sha256: fileHash(file) })),
    },
  };
  const config: Common = { seed, baseDir: process.cwd(), dataset: data === undefined ? { name: 'none', shape } : dataAt(data, shape), schedule: schedule.schedule, teacher };
  const title = name ?? path.basename(folder);
  // Where the folder lay says nothing about the teacher; a teacher of another name is another one to ask for.
  const hashed = { ...config, ...(data === undefined ? { baseDir: '' } : {}), teacher: { ...teacher, imported: { ...teacher.imported, folder: '' } }, title };
  const planned: PlannedRun = { key: 'teacher', kind: 'teacher', name: title, config: JSON.parse(JSON.stringify(config)) as PlannedRun['config'], configHash: hashJson(hashed), seed, parents: [] };
  return { planned, notes: found.notes };
}

function dataAt(data: string, shape: readonly number[]): Common['dataset'] {
  const { dataset, itemShape } = describeData(data);
  if (itemShape.join() !== shape.join()) throw new SigdegError('UNSUPPORTED', `${data}: expected items [${shape.join(', ')}] as the model draws them, found [${itemShape.join(', ')}]`);
  return { name: dataset, path: path.resolve(data) };
}
