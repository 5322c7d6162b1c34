/** Reads an experiment file from disk and applies `--set path=value`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf, SigdegError } from '../core/errors';
import type { DataSearch } from '../data/package-data';
import { checkPresence as checkFiles } from '../data/presence';
import { parseExperiment, type Experiment } from './config';

export interface LoadedExperiment {
  readonly experiment: Experiment;
  /** The file's folder: relative paths in the experiment start here. */
  readonly baseDir: string;
  readonly file: string;
}

/**
 * @param sets `students.0.training.steps=100`: keys by dots, list entries by number; the value is JSON, or a text where it is not.
 * @throws SigdegError NOT_FOUND, BAD_CONFIG, or BAD_USAGE for a malformed set.
 */
export function loadExperiment(file: string, sets: readonly string[] = []): LoadedExperiment {
  const value = readJson(file);
  const changed = sets.reduce((whole, set) => withSet(whole, set), value);
  const where = sets.length === 0 ? file : `${file} with ${sets.map((set) => `--set ${set}`).join(' ')}`;
  return { experiment: parseExperiment(changed, where, stemOf(file)), baseDir: path.dirname(path.resolve(file)), file };
}

/** Throws what keeps its data from being read, before anything starts. @throws SigdegError NO_DATA */
export const checkPresence = ({ dataset }: Experiment, baseDir: string, search?: DataSearch): void => {
  if (dataset !== undefined) checkFiles(dataset, baseDir, search);
};

/** What an experiment's file holds, unchecked. @throws SigdegError NOT_FOUND, BAD_CONFIG */
export const readJson = (file: string): unknown => parseJson(readText(file), file);

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new SigdegError('NOT_FOUND', `no experiment file '${file}': check the path (examples are in media/examples)`, { cause: error });
    if (code === 'EISDIR') throw new SigdegError('NOT_FOUND', `'${file}' is a folder: expected an experiment file, NAME.sigdeg.json`, { cause: error });
    throw new SigdegError('NOT_FOUND', `cannot read '${file}': ${messageOf(error)}`, { cause: error });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = messageOf(error).replace(/\s+/g, ' ');
    const position = /position (\d+)/.exec(reason)?.[1];
    const line = position === undefined ? '' : `:${text.slice(0, Number(position)).split('\n').length}`;
    throw new SigdegError('BAD_CONFIG', `${file}${line}: expected JSON: ${reason}`, { cause: error });
  }
}

/** `checkerboard.sigdeg.json` → `checkerboard`. */
export const stemOf = (file: string): string => path.basename(file).replace(/(\.sigdeg)?\.json$/, '');

/** A copy of `whole` with one value replaced or added. */
export function withSet(whole: unknown, set: string): unknown {
  const at = set.indexOf('=');
  const keys = set.slice(0, Math.max(at, 0)).split('.');
  if (at < 1 || keys.includes('')) throw new SigdegError('BAD_USAGE', `--set expects path=value, such as students.0.depth=6; found '${set}'`);
  return replaced(whole, keys, parseValue(set.slice(at + 1)), set);
}

function replaced(here: unknown, [key, ...rest]: readonly string[], value: unknown, set: string): unknown {
  if (key === undefined) return value;
  if (Array.isArray(here)) {
    const index = Number(key);
    if (!/^\d+$/.test(key) || index > here.length) {
      throw new SigdegError('BAD_USAGE', `--set ${set}: expected an entry 0 to ${here.length} of a list, found '${key}'`);
    }
    const copy: unknown[] = [...(here as unknown[])];
    copy[index] = replaced(copy[index], rest, value, set);
    return copy;
  }
  const entries = new Map(Object.entries(typeof here === 'object' && here !== null ? here : {}));
  entries.set(key, replaced(entries.get(key), rest, value, set));
  // fromEntries defines properties, so that a key such as __proto__ stays an ordinary (and unknown) key.
  return Object.fromEntries(entries);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
