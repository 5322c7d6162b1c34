import type { Dataset } from './dataset';

/** The `dataset` section of an experiment. `undefined` is allowed so that a parsed schema fits as it is. */
export interface DatasetConfig {
  readonly name: string;
  /** File or folder, relative to the experiment file. */
  readonly path?: string | undefined;
  /** Number of items to use: the first ones of a file, any number of a generated set. */
  readonly count?: number | undefined;
  /** Of the generated sets. Default 0. */
  readonly seed?: number | undefined;
  /** Of npy: the .npy file with the items' classes, relative to the experiment file. */
  readonly labels?: string | undefined;
  /** Default train. */
  readonly split?: 'train' | 'test' | undefined;
}

/** Makes a dataset of a config. `baseDir` is the folder that relative paths start from. Throws NO_DATA, BAD_FILE or BAD_CONFIG. */
export type DatasetLoader = (config: DatasetConfig, baseDir: string) => Dataset;
