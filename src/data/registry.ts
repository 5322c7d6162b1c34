/** All datasets by name. A new one is a line here and a file beside it. */
import { SigdegError } from '../core/errors';
import type { DatasetConfig, DatasetLoader } from './config';
import type { Dataset } from './dataset';
import { loadFashionMnist } from './fashion-mnist';
import { loadIdx } from './idx-images';
import { loadMnist } from './mnist';
import { loadNpy } from './npy-dataset';
import { loadToy } from './toy-2d';

const LOADERS = {
  '8-gaussians': (config) => loadToy('8-gaussians', config),
  checkerboard: (config) => loadToy('checkerboard', config),
  moons: (config) => loadToy('moons', config),
  'swiss-roll': (config) => loadToy('swiss-roll', config),
  pinwheel: (config) => loadToy('pinwheel', config),
  mnist: loadMnist,
  'fashion-mnist': loadFashionMnist,
  idx: loadIdx,
  npy: loadNpy,
} as const satisfies Record<string, DatasetLoader>;

export type DatasetName = keyof typeof LOADERS;

export const DATASET_NAMES = Object.keys(LOADERS) as readonly DatasetName[];

function isDatasetName(name: string): name is DatasetName {
  return Object.hasOwn(LOADERS, name);
}

/** Opens the dataset that a config names; relative paths start from `baseDir`. Throws BAD_CONFIG, NO_DATA, BAD_FILE. */
export function loadDataset(config: DatasetConfig, baseDir: string): Dataset {
  if (!isDatasetName(config.name)) {
    throw new SigdegError('BAD_CONFIG', `dataset.name: expected one of ${DATASET_NAMES.join(', ')}, found '${config.name}'`);
  }
  return LOADERS[config.name](config, baseDir);
}
