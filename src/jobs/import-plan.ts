/** What the import of a teacher makes: one run, planned from the folder's JSON files and the heads of its weights, or from what a look at an ONNX file found. Loads no tfjs. */
import * as path from 'node:path';
import { describeData } from '../data/describe';
import { SigdegError } from '../core/errors';
import { hashJson } from '../store/hash';
import type { PlannedRun } from './context';
import { readDiffusersFolder } from './diffusers-folder';
import { fileHash } from './diffusers-weights';
import type { OnnxFacts } from './onnx-import';
import type { Common, DiffusersTeacher, ImportedTeacher, OnnxTeacher } from './setup';

interface RunOptions {
  readonly name?: string | undefined;
  /** Items like those that the model was trained on. */
  readonly data?: string | undefined;
  readonly seed: number;
}

export interface ImportOptions extends RunOptions {
  /** A scheduler_config.json, where the folder has none or another is wanted. */
  readonly scheduler?: string | undefined;
  readonly classLabel?: number | undefined;
}

/** @throws SigdegError NOT_FOUND, BAD_FILE, UNSUPPORTED for what cannot be imported, before anything is made */
export function planImport(given: string, { scheduler, classLabel, ...options }: ImportOptions): { planned: PlannedRun; notes: readonly string[] } {
  const found = readDiffusersFolder(given, { scheduler, classLabel });
  const { folder, architecture, schedule } = found;
  const [height, width] = architecture.sample_size;
  const shape = [height, width, architecture.in_channels];
  const teacher: DiffusersTeacher = {
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
  return { planned: planned(teacher, { ...teacher.imported, folder: '' }, path.basename(folder), shape, schedule.schedule, options), notes: found.notes };
}

/** @param file absolute. @throws SigdegError NO_DATA, BAD_FILE, UNSUPPORTED for data that are not the model's */
export function planOnnxImport(file: string, { net, prediction, clip, schedule, shape, sha256 }: OnnxFacts, options: RunOptions): PlannedRun {
  const teacher: OnnxTeacher = { net, prediction, clip, imported: { format: 'onnx', file, sha256 } };
  return planned(teacher, { ...teacher.imported, file: '' }, path.basename(file).replace(/\.onnx$/i, ''), shape, schedule, options);
}

/** @param unplaced what is said of the import, but for where it lay: that says nothing about the teacher. A teacher of another name is another one to ask for. */
function planned(teacher: ImportedTeacher, unplaced: ImportedTeacher['imported'], known: string, shape: readonly number[], schedule: Common['schedule'], { name, data, seed }: RunOptions): PlannedRun {
  const config: Common = { seed, baseDir: process.cwd(), dataset: data === undefined ? { name: 'none', shape } : dataAt(data, shape), schedule, teacher };
  const title = name ?? known;
  const hashed = { ...config, ...(data === undefined ? { baseDir: '' } : {}), teacher: { ...teacher, imported: unplaced }, title };
  return { key: 'teacher', kind: 'teacher', name: title, config: JSON.parse(JSON.stringify(config)) as PlannedRun['config'], configHash: hashJson(hashed), seed, parents: [] };
}

function dataAt(data: string, shape: readonly number[]): Common['dataset'] {
  const { dataset, itemShape } = describeData(data);
  if (itemShape.join() !== shape.join()) throw new SigdegError('UNSUPPORTED', `${data}: expected items [${shape.join(', ')}] as the model draws them, found [${itemShape.join(', ')}]`);
  return { name: dataset, path: path.resolve(data) };
}
