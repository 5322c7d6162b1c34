/** What a file or folder of data holds, from its first bytes alone: enough to propose an experiment for it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { messageOf, SigdegError } from '../core/errors';
import { idxShape } from '../formats/idx';
import { npyShape } from '../formats/npy';
import type { DatasetConfig } from './config';
import type { Dataset } from './dataset';
import { idxCandidates, KNOWN_COUNTS, type Split } from './idx-images';
import { noData, type NoDataConfig } from './no-data';
import { shapeOfItem } from './npy-dataset';
import { TOY_COUNT } from './toy-2d';

export interface DataDescription {
  readonly dataset: 'npy' | 'idx';
  readonly count: number;
  readonly itemShape: readonly number[];
}

const HEAD = 1 << 16;

/** @param split of a folder that has two. @throws SigdegError NO_DATA when there is nothing that can be read, BAD_FILE for a file of another format. */
export function describeData(target: string, split: Split = 'train'): DataDescription {
  const stat = fs.statSync(target, { throwIfNoEntry: false });
  if (stat === undefined) throw new SigdegError('NO_DATA', `${target}: does not exist`);
  if (stat.isDirectory()) {
    const names = idxCandidates(target, split, 'images-idx3');
    const images = names.find((file) => fs.existsSync(file));
    if (images === undefined) throw new SigdegError('NO_DATA', `${target}: expected one of ${names.map((file) => path.basename(file)).join(', ')} in this folder, found none: choose a .npy or idx file, or a folder laid out like MNIST's`);
    return describeImages(images);
  }
  if (!target.endsWith('.npy')) return describeImages(target);
  const shape = npyShape(headOf(target), target);
  if (shape.length === 0) throw new SigdegError('BAD_FILE', `${target}: expected an array [n, ...item], found a single number`);
  return described('npy', shape[0]!, shapeOfItem(shape, target), target);
}

/** What a dataset holds, without reading it; undefined where only its files would tell and they cannot be read. */
export function describeDataset(config: DatasetConfig | NoDataConfig, baseDir: string): Pick<Dataset, 'name' | 'count' | 'itemShape'> | undefined {
  if ('shape' in config) return noData(config);
  const { name, path: given, split = 'train' } = config;
  const known = name === 'mnist' || name === 'fashion-mnist' ? { count: KNOWN_COUNTS[split], itemShape: [28, 28, 1] } : name === 'idx' || name === 'npy' ? undefined : { count: TOY_COUNT, itemShape: [2] };
  try {
    const found = given === undefined || known?.itemShape.length === 1 ? known : describeData(path.resolve(baseDir, given), split);
    return found && { name, itemShape: found.itemShape, count: config.count ?? found.count };
  } catch (error) {
    if (error instanceof SigdegError) return undefined;
    throw error;
  }
}

function describeImages(file: string): DataDescription {
  const [n = 0, ...item] = idxShape(headOf(file), file);
  if (item.length < 2) throw new SigdegError('BAD_FILE', `${file}: expected images [n, height, width], found ${item.length + 1} dimension(s): is this a label file?`);
  return described('idx', n, item.length === 2 ? [...item, 1] : item, file);
}

function described(dataset: DataDescription['dataset'], count: number, itemShape: readonly number[], file: string): DataDescription {
  if (count === 0 || itemShape.includes(0)) throw new SigdegError('NO_DATA', `${file}: holds no items`);
  return { dataset, count, itemShape };
}

function headOf(file: string): Uint8Array {
  try {
    const fd = fs.openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(HEAD);
      const head = bytes.subarray(0, fs.readSync(fd, bytes, 0, HEAD, 0));
      // A gzip that goes on after these bytes is no error here.
      return file.endsWith('.gz') ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head;
    } finally {
      fs.closeSync(fd);
    }
  } catch (cause) {
    throw new SigdegError('NO_DATA', `${file}: cannot be read (${messageOf(cause)})`, { cause });
  }
}
