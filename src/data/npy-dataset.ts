/**
 * Dataset `npy`: one NumPy array whose first dimension counts the items. Bytes of images, [n, H, W] or [n, H, W, C] of u1, go from 0..255 to
 * −1..1; anything else is centred and scaled by the mean and standard deviation over all the values in use. A second array may hold their classes.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { messageOf, SigdegError } from '../core/errors';
import { sizeOf } from '../core/shape';
import { decodeNpy, type NpyArray, type NpyData } from '../formats/npy';
import type { DatasetConfig } from './config';
import { checkIndex, classNames, type Dataset, type Normalisation } from './dataset';
import { BYTE_NORMALISATION, takeCount } from './idx-images';

/** Throws BAD_CONFIG, NO_DATA (no such file, no items) or BAD_FILE (format, shape, a value that is not finite). */
export function loadNpy(config: DatasetConfig, baseDir: string): Dataset {
  if (config.path === undefined) throw new SigdegError('BAD_CONFIG', 'dataset.path: expected the path of a .npy file, found none');
  const file = path.resolve(baseDir, config.path);
  if (config.split === 'test') {
    throw new SigdegError('BAD_CONFIG', `dataset.split: ${file} is one file and has no test split; give the test file as dataset.path`);
  }
  const { dtype, shape, data } = readNpy(file, 'dataset.path');
  if (shape.length === 0) throw new SigdegError('BAD_FILE', `${file}: expected an array [n, ...item], found a single number`);
  const count = takeCount(config, shape[0]!, file);
  const itemShape = shapeOfItem(shape, file);
  const size = sizeOf(itemShape);
  if (size === 0) throw new SigdegError('NO_DATA', `${file}: its items are empty, shape (${shape.join(', ')})`);
  const images = dtype === 'u1' && shape.length >= 3;
  const normalisation = images ? BYTE_NORMALISATION : standardisation(data, count * size, file);
  const { offset, scale } = normalisation;
  const labels = config.labels === undefined ? undefined : readLabels(path.resolve(baseDir, config.labels), shape[0]!);
  return {
    name: 'npy',
    itemShape,
    count,
    normalisation,
    fill(out, at, index) {
      checkIndex('npy', count, index);
      const from = index * size;
      for (let i = 0; i < size; i++) out[at + i] = (data[from + i]! - offset) / scale;
    },
    ...(labels && {
      classes: classNames(labels),
      label(index: number) {
        checkIndex('npy', count, index);
        return labels[index]!;
      },
    }),
  };
}

/** More are no classes of which each is learned from its own items. */
const MOST_CLASSES = 1000;

/** @param items how many labels there must be. */
function readLabels(file: string, items: number): NpyData {
  const { shape, data } = readNpy(file, 'dataset.labels');
  if (shape.length !== 1 || shape[0] !== items) throw new SigdegError('BAD_FILE', `${file}: expected ${items} labels, one for each item of dataset.path, found shape (${shape.join(', ')})`);
  const bad = data.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= MOST_CLASSES);
  if (bad >= 0) throw new SigdegError('BAD_FILE', `${file}: expected whole numbers from 0 to ${MOST_CLASSES - 1}, found ${data[bad]} at position ${bad}; number the classes from 0`);
  return data;
}

function readNpy(file: string, key: string): NpyArray {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new SigdegError('NO_DATA', `${file}: cannot be read (${messageOf(cause)}); correct ${key}`, { cause });
  }
  return decodeNpy(bytes, file);
}

/** [n] → [1], [n, d] → [d], [n, H, W] → [H, W, 1], [n, H, W, C] → [H, W, C]. */
export function shapeOfItem(shape: readonly number[], file: string): readonly number[] {
  const found = `found shape (${shape.join(', ')})`;
  switch (shape.length) {
    case 1: return [1];
    case 2: return shape.slice(1);
    case 3: return [shape[1]!, shape[2]!, 1];
    case 4: {
      const channelsFirst = [1, 3].includes(shape[1]!) && shape[3]! > 4;
      if (channelsFirst) throw new SigdegError('BAD_FILE', `${file}: expected channels last, ${found}; save array.transpose(0, 2, 3, 1)`);
      return shape.slice(1);
    }
    default: throw new SigdegError('BAD_FILE', `${file}: expected [n, d], [n, H, W] or [n, H, W, C], ${found}`);
  }
}

/** Mean and standard deviation over the first `length` values, two passes in float64; a constant array keeps scale 1. */
function standardisation(data: NpyData, length: number, file: string): Normalisation {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += data[i]!;
  const offset = sum / length;
  if (!Number.isFinite(offset)) {
    const index = data.findIndex((value) => !Number.isFinite(value));
    throw new SigdegError('BAD_FILE', `${file}: expected finite numbers, found ${data[index]} at position ${index}; remove such items`);
  }
  let squares = 0;
  for (let i = 0; i < length; i++) squares += (data[i]! - offset) ** 2;
  const std = Math.sqrt(squares / length);
  return { offset, scale: std > 0 && Number.isFinite(std) ? std : 1 };
}
