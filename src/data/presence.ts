/** Whether a dataset's files are there at all, without reading them: asked before anything is started on them. */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { DatasetConfig } from './config';
import { mnistFolder, type DataSearch } from './mnist';

/** @param search of the program that will read them, where that is another one. @throws SigdegError NO_DATA with what to do */
export function checkPresence(config: DatasetConfig, baseDir: string, search?: DataSearch): void {
  if (config.name === 'mnist') mnistFolder(config, baseDir, search);
  else if (config.path !== undefined && !existsSync(path.resolve(baseDir, config.path))) {
    throw new SigdegError('NO_DATA', `${path.resolve(baseDir, config.path)}: does not exist; correct dataset.path`);
  }
}
