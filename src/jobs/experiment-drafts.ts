/** Experiment files as the editor makes them: read as JSON, checked, named and written. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { SigdegError } from '../core/errors';
import { makeFolder } from '../store/atomic';
import { diskError } from '../store/disk-error';
import type { DataSearch } from '../data/package-data';
import { checkPresence, loadExperiment, readJson } from './experiment-file';
import { experimentText, movedExperiment, type Json } from './new-experiment';

const ENDING = '.sigdeg.json';

export const isExperimentName = (file: string): boolean => file.endsWith(ENDING);
const fileOf = (folder: string, name: string): string => path.join(folder, `${name}${ENDING}`);

/** Throws what is wrong with the file, before anything starts. @throws SigdegError NOT_FOUND, BAD_CONFIG */
export const checkFile = (file: string): void => { loadExperiment(file); };

/** Throws what is missing of its data. @throws SigdegError NOT_FOUND, BAD_CONFIG, NO_DATA */
export function checkData(file: string, search: DataSearch): void {
  const { experiment, baseDir } = loadExperiment(file);
  checkPresence(experiment, baseDir, search);
}

/** A file's content as it would stand in `folder`, without its name. @throws SigdegError BAD_CONFIG, NOT_FOUND */
export function readExperiment(file: string, folder: string): Json {
  const value = readJson(file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SigdegError('BAD_CONFIG', `${file}: expected an object, the experiment`);
  return movedExperiment(value as Json, path.dirname(file), folder);
}

/** Writes a new file; one that is there stays as it is. @throws SigdegError BAD_USAGE, NO_ACCESS, NO_SPACE */
export function writeExperiment(file: string, experiment: Json): void {
  try {
    makeFolder(path.dirname(file));
    fs.writeFileSync(file, experimentText(experiment), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new SigdegError('BAD_USAGE', `${file} is there already: choose another name`);
    throw diskError(error, file);
  }
}

/** The name, or the first of `name-2`, `name-3`… that no file in the folder has. */
export function freeName(folder: string, name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+|[.-]+$/g, '') || 'experiment';
  for (let k = 1; ; k++) {
    const free = k === 1 ? plain : `${plain}-${k}`;
    if (!fs.existsSync(fileOf(folder, free))) return free;
  }
}

/** What is wrong with a name for a new file, in words; undefined when nothing is. */
export function nameProblem(folder: string, text: string): string | undefined {
  const name = text.trim();
  if (name === '') return 'A name is needed';
  if (!/^[\p{L}\p{N}_][\p{L}\p{N} ._-]*$/u.test(name)) return 'Letters, digits, spaces, dots, - and _ only';
  return fs.existsSync(fileOf(folder, name)) ? `${name}${ENDING} is there already` : undefined;
}
