import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { messageOf, SigdegError } from '../core/errors';
import { dropQuietly, remove, rename } from '../system/files';
import { makeFolder, syncFolder, writeDurably } from './atomic';
import { diskError } from './disk-error';
import { hashBytes, type JsonValue } from './hash';

const Manifest = z.object({ step: z.number().int().min(0), files: z.record(z.string().regex(/^[A-Za-z0-9_-]+\.[a-z0-9]+$/), z.string()), state: z.json() });

export interface Checkpoint {
  readonly step: number;
  readonly state: JsonValue;
  /** SHA-256 over the files' hashes: names the weights. */
  readonly hash: string;
  /** Bytes of one of its files, checked against the manifest. @throws SigdegError BAD_CHECKPOINT */
  file(name: string): Uint8Array;
}

const checkpointsDir = (dir: string): string => path.join(dir, 'checkpoints');
const DEFAULT_KEEP = 2;

/** Writes a checkpoint; it exists once its folder has its name, with the manifest in it. Older ones but the newest `keep` are deleted. */
export function writeCheckpoint(dir: string, step: number, files: Readonly<Record<string, Uint8Array>>, state: JsonValue, options: { keep?: number } = {}): void {
  const parent = checkpointsDir(dir);
  const temporary = path.join(parent, `.tmp-${process.pid}`);
  const final = path.join(parent, String(step).padStart(8, '0'));
  try {
    // What processes that were killed left here; the owner of the run is its only writer.
    for (const name of leftovers(parent)) remove(path.join(parent, name));
    makeFolder(temporary);
    const hashes: Record<string, string> = {};
    for (const [name, bytes] of Object.entries(files)) {
      hashes[name] = hashBytes(bytes);
      writeDurably(path.join(temporary, name), bytes);
    }
    writeDurably(path.join(temporary, 'manifest.json'), `${JSON.stringify({ step, files: hashes, state }, null, 2)}\n`);
    syncFolder(temporary);
    remove(final);
    rename(temporary, final);
    syncFolder(parent);
  } catch (error) {
    dropQuietly(temporary);
    throw diskError(error, final);
  }
  for (const name of checkpointNames(dir).slice(options.keep ?? DEFAULT_KEEP)) dropQuietly(path.join(parent, name));
}

const leftovers = (parent: string): string[] => (fs.existsSync(parent) ? fs.readdirSync(parent).filter((name) => name.startsWith('.tmp-')) : []);

/** Names of a run's checkpoints, newest first. */
function checkpointNames(dir: string): string[] {
  try {
    return fs.readdirSync(checkpointsDir(dir)).filter((name) => /^\d{8,}$/.test(name)).sort().reverse();
  } catch {
    return [];
  }
}

/** Whether the newest checkpoint is sound; also true when there is none at all. */
export function isNewestSound(dir: string): boolean {
  const [newest] = checkpointNames(dir);
  try {
    if (newest !== undefined) openCheckpoint(path.join(checkpointsDir(dir), newest));
    return true;
  } catch {
    return false;
  }
}

/**
 * The newest sound checkpoint; undefined when there is none at all. One whose bytes do not fit its manifest is passed over and reported to `onBad`.
 * @throws SigdegError BAD_CHECKPOINT when there are some and none is sound
 */
export function latestCheckpoint(dir: string, onBad?: (error: SigdegError) => void): Checkpoint | undefined {
  const bad: SigdegError[] = [];
  for (const name of checkpointNames(dir)) {
    try {
      return openCheckpoint(path.join(checkpointsDir(dir), name));
    } catch (error) {
      if (!(error instanceof SigdegError)) throw error;
      bad.push(error);
      onBad?.(error);
    }
  }
  if (bad.length === 0) return undefined;
  const run = path.basename(dir);
  throw new SigdegError('BAD_CHECKPOINT', `no sound checkpoint is left in ${run} (${bad.map((error) => error.message).join('; ')}): restore the folder from a copy, or delete the run («sigdeg rm ${run} --yes») and run the same command again`);
}

function openCheckpoint(folder: string): Checkpoint {
  const broken = (what: string): SigdegError => new SigdegError('BAD_CHECKPOINT', `checkpoint ${folder} is damaged: ${what}`);
  let parsed: z.infer<typeof Manifest>;
  try {
    parsed = Manifest.parse(JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8')));
  } catch (error) {
    throw broken(error instanceof z.ZodError || error instanceof SyntaxError ? 'its manifest.json is no manifest' : messageOf(error));
  }
  const contents = new Map<string, Uint8Array>();
  for (const [name, hash] of Object.entries(parsed.files)) {
    let bytes: Uint8Array;
    try {
      bytes = fs.readFileSync(path.join(folder, name));
    } catch {
      throw broken(`${name} is missing`);
    }
    if (hashBytes(bytes) !== hash) throw broken(`${name} does not have the contents that were written (its hash differs)`);
    contents.set(name, bytes);
  }
  return {
    step: parsed.step,
    state: parsed.state,
    hash: hashBytes(Object.entries(parsed.files).sort().flat().join('\n')),
    file(name) {
      const bytes = contents.get(name);
      if (!bytes) throw broken(`${name} is not a part of it`);
      return bytes;
    },
  };
}
