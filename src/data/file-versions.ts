/** Which files a dataset is read from, and in which version, for keys of what was made from it. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { DatasetConfig } from './config';

/** Path, size in bytes and time of the last change (ms) of every file that the config names, or that lies in a folder that it names; of sets that are generated or come as packages none. */
export function fileVersions({ path: data, labels }: DatasetConfig, baseDir: string): [file: string, size: number, changed: number][] {
  const named = [data, labels].flatMap((name) => (name === undefined ? [] : [path.resolve(baseDir, name)]));
  const files = named.flatMap((file) => (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true ? fs.readdirSync(file).sort().map((name) => path.join(file, name)) : [file]));
  return files.flatMap((file) => {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    return stat === undefined || stat.isDirectory() ? [] : [[file, stat.size, stat.mtimeMs]];
  });
}
