/** Data that come as an npm package: found where the experiment, the program or its caller has installed it; never fetched. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';

/** Whose packages count besides the experiment's: those of the folder in which a program runs, and those beside the program. */
export interface DataSearch {
  readonly cwd: string;
  readonly program: string | undefined;
}

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

/** The search of a program for itself. */
export const ownSearch = (): DataSearch => ({ cwd: process.cwd(), program: programFolder() });

/** Where an experiment in `baseDir` looks for a package. */
export function searchFolders(baseDir: string, { cwd, program }: DataSearch): string[] {
  return [...new Set([baseDir, cwd, program].filter((folder) => folder !== undefined).map((folder) => path.resolve(folder)))];
}

/** The folder of an installed package as Node would resolve it from `folder`, or undefined. */
export function packageFolder(name: string, folder: string): string | undefined {
  try {
    return path.dirname(createRequire(path.join(folder, 'x.js')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
