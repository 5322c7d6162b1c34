/** Writes what a run has in a form that other programs read. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../../core/errors';
import { decodeSafetensors, encodeSafetensors } from '../../formats/safetensors';
import { encodeTensorboard, type ImagePoint, type ScalarPoint } from '../../formats/tensorboard';
import { evaluationCsv, scalarCsv } from '../../report/csv';
import { atomicWrite, makeFolder } from '../../store/atomic';
import { readEvents, rowsOf } from '../../store/events';
import { REPORT_FILE, type RunSummary } from '../../store/run';
import { isOnnxTeacher, type Common } from '../setup';
import { ONNX_FILE, trainedCheckpoint, weightsFile, type WeightsKind } from '../trained-checkpoint';
import { EXPORTS, type ExportFormat } from './formats';

export interface ExportRequest {
  readonly run: RunSummary;
  readonly format: ExportFormat;
  readonly weights: WeightsKind;
  /** The file, or the folder, made if it is not there. */
  readonly out: string;
  readonly producerVersion: string;
  /** The folder of the scripts that go with a model. */
  readonly scriptDir: string;
}

/** What is made of the network itself. */
const MODEL_FORMATS: readonly ExportFormat[] = ['onnx', 'python', 'diffusers', 'safetensors'];

/**
 * @returns the files that were written. The formats of models compute: an engine must have been started.
 * @throws SigdegError BAD_USAGE for a run of another kind, UNSUPPORTED for a network that is not ours to write, NOT_FOUND when there is nothing to export yet
 */
export async function exportRun(request: ExportRequest): Promise<string[]> {
  const { run, format, out } = request;
  if (!EXPORTS[format].kinds.includes(run.kind)) {
    throw new SigdegError('BAD_USAGE', `${run.id} is a run of kind ${run.kind}: ${format} is made of ${EXPORTS[format].kinds.join(', ')} runs`);
  }
  const teacher = (run.config as Partial<Common>).teacher;
  if (run.kind === 'teacher' && MODEL_FORMATS.includes(format) && teacher !== undefined && isOnnxTeacher(teacher)) {
    throw new SigdegError('UNSUPPORTED', `${run.id} is an ONNX file that was imported: it lies in ${path.join(run.dir, 'checkpoints', '00000000', ONNX_FILE)}`);
  }
  const files = await contents(request);
  return [...files].map(([name, bytes]) => {
    const file = EXPORTS[format].suffix === '' ? path.join(out, name) : out;
    makeFolder(path.dirname(file));
    atomicWrite(file, bytes);
    return file;
  });
}

async function contents(request: ExportRequest): Promise<Map<string, Uint8Array | string>> {
  const { run, format, weights, producerVersion, scriptDir } = request;
  switch (format) {
    case 'onnx':
    case 'python': {
      // Loads tfjs, which no other format needs.
      const { exportModel } = await import('./model-file');
      const { onnx, sampler } = exportModel(path.dirname(run.dir), run.id, weights, producerVersion);
      const files = new Map<string, Uint8Array | string>([['model.onnx', onnx], ['sampler.json', `${JSON.stringify(sampler)}\n`]]);
      if (format === 'python') files.set('sample.py', fs.readFileSync(path.join(scriptDir, 'sample.py'), 'utf8'));
      return files;
    }
    case 'diffusers': {
      const { diffusersFiles } = await import('./diffusers-model');
      const { files, script } = diffusersFiles(path.dirname(run.dir), run.id, weights);
      return script === undefined ? files : new Map([...files, ['sample.py', fs.readFileSync(path.join(scriptDir, script), 'utf8')]]);
    }
    case 'safetensors': {
      const checkpoint = trainedCheckpoint(run.dir);
      const file = weightsFile(weights);
      const { tensors } = decodeSafetensors(checkpoint.file(file), `${run.dir}/${file}`);
      const bytes = encodeSafetensors(tensors, { run: run.id, weights, step: String(checkpoint.step), hash: checkpoint.hash, config: JSON.stringify(run.config) });
      return new Map([[file, bytes]]);
    }
    case 'tensorboard': {
      const points = tensorboardPoints(run);
      if (points.length === 0) throw nothingYet(run);
      return new Map([[`events.out.tfevents.${Math.floor(Date.parse(run.created) / 1000)}.${run.id}`, encodeTensorboard(points, Date.parse(run.created))]]);
    }
    case 'csv': {
      const rows = rowsOf(run.dir);
      const scalars = readEvents(run.dir).flatMap((event) => (event.type === 'scalar' ? [{ run: run.id, ...event }] : []));
      if (rows.length === 0 && scalars.length === 0) throw nothingYet(run);
      return new Map([['csv', rows.length > 0 ? evaluationCsv(rows) : scalarCsv(scalars)]]);
    }
    case 'html': {
      const file = path.join(run.dir, REPORT_FILE);
      if (!fs.existsSync(file)) throw nothingYet(run);
      return new Map([[REPORT_FILE, fs.readFileSync(file, 'utf8')]]);
    }
  }
}

const nothingYet = (run: RunSummary): SigdegError => new SigdegError('NOT_FOUND', run.state === 'done'
  ? `${run.id} has nothing of that kind to export: losses are of trainings made here, tables and reports of evaluations`
  : `${run.id} is ${run.state} and has nothing to export yet: «sigdeg resume ${run.id}» goes on with it`);

/** Losses over training steps, pictures where they were drawn, and measured values over the number of evaluations. */
function tensorboardPoints(run: RunSummary): (ScalarPoint | ImagePoint)[] {
  return readEvents(run.dir).flatMap((event): (ScalarPoint | ImagePoint)[] => {
    const { time } = event;
    switch (event.type) {
      case 'scalar':
        return [{ tag: event.name, step: event.step, time, value: event.value }];
      case 'image': {
        const file = path.join(run.dir, event.path);
        if (!file.endsWith('.png') || !fs.existsSync(file)) return [];
        return [{ tag: event.name, step: event.step, time, png: fs.readFileSync(file) }];
      }
      case 'eval': {
        const { row } = event;
        const of = [row.metric, row.sampler, ...(row.depth === null ? [] : [`depth-${row.depth}`]), row.grid, ...Object.entries(row.settings).flatMap(([key, value]) => (value === true ? [key] : typeof value === 'number' ? [`${key}-${value}`] : [])), `seed-${row.seed}`];
        return [{ tag: of.join('/'), step: row.nfe, time, value: row.value }];
      }
      default:
        return [];
    }
  });
}
