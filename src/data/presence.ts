/** Whether a dataset's files are there at all, without reading them: asked before anything is started on them. */
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import type { DatasetConfig } from './config';
import { fashionFolder } from './fashion-mnist';
import { mnistFolder } from './mnist';
import { ownSearch, type DataSearch } from './package-data';

/** Of the sets that come as packages: where their files are. */
const FOLDERS = new Map([['mnist', mnistFolder], ['fashion-mnist', fashionFolder]]);

/** @param search of the program that will read them, where that is another one. @throws SigdegError NO_DATA with what to do */
export function checkPresence(config: DatasetConfig, baseDir: string, search: DataSearch = ownSearch()): void {
  const folderOf = FOLDERS.get(config.name);
  if (folderOf !== undefined) folderOf(config, baseDir, search);
  else {
    for (const key of ['path', 'labels'] as const) {
      const file = config[key];
      if (file !== undefined && !existsSync(path.resolve(baseDir, file))) throw new SigdegError('NO_DATA', `${path.resolve(baseDir, file)}: does not exist; correct dataset.${key}`);
    }
  }
}
