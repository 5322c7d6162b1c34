/**
 * Images in idx files: one named file, or a folder laid out like MNIST's (Fashion-MNIST, KMNIST and QMNIST use the same names).
 * Data units are 0..255, model units −1..1.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { messageOf, SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import { decodeIdx, type IdxArray } from '../formats/idx';
import type { DatasetConfig } from './config';
import { checkIndex, classNames, type Dataset, type Normalisation } from './dataset';

/** Bytes 0..255 to −1..1. */
export const BYTE_NORMALISATION: Normalisation = { offset: 127.5, scale: 127.5 };
/** A gzip bomb stops here; MNIST's larger file has 47 MB. */
const MAX_UNPACKED = 2 ** 31;

const SPLIT_PREFIX = { train: 'train', test: 't10k' } as const;
export type Split = keyof typeof SPLIT_PREFIX;
/** Of MNIST and of the sets that were made to take its place. */
export const KNOWN_COUNTS: Readonly<Record<Split, number>> = { train: 60_000, test: 10_000 };

/** Where a folder may hold the images or labels of a split: both spellings in circulation, packed or not. */
export function idxCandidates(folder: string, split: Split, what: 'images-idx3' | 'labels-idx1'): string[] {
  const prefix = SPLIT_PREFIX[split];
  const names = [`${prefix}-${what}-ubyte`, `${prefix}-${what.replace('-', '.')}-ubyte`];
  return names.flatMap((name) => [path.join(folder, name), path.join(folder, `${name}.gz`)]);
}

function readIdx(file: string): IdxArray {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new SigdegError('NO_DATA', `${file}: cannot be read (${messageOf(cause)}); check the path in dataset.path`, { cause });
  }
  if (file.endsWith('.gz')) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
    } catch (cause) {
      throw new SigdegError('BAD_FILE', `${file}: cannot be unpacked (${messageOf(cause)}); get a fresh copy`, { cause });
    }
  }
  return decodeIdx(bytes, file);
}

/** The first `count` items of a file that has `available`: all of them by default, an error rather than fewer than asked. */
export function takeCount(config: DatasetConfig, available: number, where: string): number {
  if (available === 0) throw new SigdegError('NO_DATA', `${where}: holds no items; give a file that has some`);
  const { count = available } = config;
  if (!Number.isInteger(count) || count < 1 || count > available) {
    throw new SigdegError('BAD_CONFIG', `dataset.count: expected a whole number from 1 to ${available} (the items in ${where}), found ${count}`);
  }
  return count;
}

/** Images of one idx file, [n, H, W] or [n, H, W, C], with labels where a file for them is given. Throws NO_DATA, BAD_FILE, BAD_CONFIG. */
export function loadIdxImages(name: string, config: DatasetConfig, imageFile: string, labelFile: string | undefined, classes?: readonly string[]): Dataset {
  const { shape, data } = readIdx(imageFile);
  if (shape.length < 3) {
    throw new SigdegError('BAD_FILE', `${imageFile}: expected images [n, height, width], found shape [${shape.join(', ')}]; is this a label file?`);
  }
  const available = shape[0]!;
  const count = takeCount(config, available, imageFile);
  const itemShape = shape.length === 3 ? [shape[1]!, shape[2]!, 1] : shape.slice(1);
  let labels: Uint8Array | undefined;
  if (labelFile !== undefined) {
    const { shape: labelShape, data: labelData } = readIdx(labelFile);
    if (labelShape.length !== 1 || labelShape[0] !== available) {
      throw new SigdegError('BAD_FILE', `${labelFile}: expected ${available} labels, as many as images, found shape [${labelShape.join(', ')}]`);
    }
    labels = labelData;
  }
  return byteImages({ name, itemShape, data, count, labels, classes });
}

/** Images of bytes 0..255, item after item. @param classes names of the classes, where they have some */
export function byteImages({ name, itemShape, data, count, labels, classes }: {
  name: string;
  itemShape: readonly number[];
  data: Uint8Array;
  count: number;
  labels: Uint8Array | undefined;
  classes?: readonly string[] | undefined;
}): Dataset {
  const size = sizeOf(itemShape);
  const { offset, scale } = BYTE_NORMALISATION;
  const images: Dataset = {
    name,
    itemShape,
    count,
    normalisation: BYTE_NORMALISATION,
    fill(out, at, index) {
      checkIndex(name, count, index);
      const from = index * size;
      for (let i = 0; i < size; i++) out[at + i] = (data[from + i]! - offset) / scale;
    },
  };
  if (labels === undefined) return images;
  return {
    ...images,
    classes: classNames(labels, classes),
    label(index) {
      checkIndex(name, count, index);
      return labels[index]!;
    },
  };
}

/** Images of a well-known set, 28 × 28: its files are read when the first of them is wanted, since sampling needs their shape and classes alone. */
export function knownImages(name: string, config: DatasetConfig, classes: readonly string[], load: () => Dataset): Dataset {
  const count = takeCount(config, KNOWN_COUNTS[config.split ?? 'train'], name);
  let loaded: Dataset | undefined;
  const read = (): Dataset => (loaded ??= load());
  return {
    name,
    itemShape: [28, 28, 1],
    count,
    normalisation: BYTE_NORMALISATION,
    classes,
    fill(out, at, index) {
      checkIndex(name, count, index);
      read().fill(out, at, index);
    },
    label(index) {
      checkIndex(name, count, index);
      return read().label!(index);
    },
  };
}

/** The split's files in an MNIST-like folder; undefined when it holds no images of the split. */
export function loadIdxFolder(name: string, config: DatasetConfig, folder: string, classes?: readonly string[]): Dataset | undefined {
  const split = config.split ?? 'train';
  const images = idxCandidates(folder, split, 'images-idx3').find((file) => existsSync(file));
  const labels = idxCandidates(folder, split, 'labels-idx1').find((file) => existsSync(file));
  return images === undefined ? undefined : loadIdxImages(name, config, images, labels, classes);
}

/** Dataset `idx`: `path` is an idx file of images, or a folder laid out like MNIST's. */
export function loadIdx(config: DatasetConfig, baseDir: string): Dataset {
  if (config.path === undefined) {
    throw new SigdegError('BAD_CONFIG', 'dataset.path: expected the path of an idx3 file or of a folder laid out like MNIST\'s, found none');
  }
  const target = path.resolve(baseDir, config.path);
  const stat = statSync(target, { throwIfNoEntry: false });
  if (stat === undefined) throw new SigdegError('NO_DATA', `${target}: does not exist; correct dataset.path`);
  if (stat.isDirectory()) {
    const dataset = loadIdxFolder('idx', config, target);
    if (dataset !== undefined) return dataset;
    const wanted = idxCandidates(target, config.split ?? 'train', 'images-idx3').map((file) => path.basename(file));
    throw new SigdegError('NO_DATA', `${target}: expected one of ${wanted.join(', ')} in this folder, found none; give the path of the file itself`);
  }
  if (config.split === 'test') {
    throw new SigdegError('BAD_CONFIG', `dataset.split: ${target} is one file and has no test split; give the test file as dataset.path`);
  }
  const sibling = path.join(path.dirname(target), path.basename(target).replace('images', 'labels').replace('idx3', 'idx1'));
  return loadIdxImages('idx', config, target, sibling !== target && existsSync(sibling) ? sibling : undefined);
}
