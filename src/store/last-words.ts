/** What is known of the end of a process that died without a word in its run's events; written by whoever waited for it, since the dead cannot. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { z } from 'zod';
import { remove } from '../system/files';
import { atomicWrite } from './atomic';

const LastWordsSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** The last lines of its stderr, oldest first. */
  lines: z.array(z.string()).max(100),
});
export type LastWords = z.infer<typeof LastWordsSchema>;

export const lastWordsFile = (dir: string): string => path.join(dir, 'died.json');

/** @throws SigdegError NO_SPACE, NO_ACCESS */
export const writeLastWords = (dir: string, words: LastWords): void => { atomicWrite(lastWordsFile(dir), `${JSON.stringify(words)}\n`); };

/** The next execution has words of its own. */
export const clearLastWords = (dir: string): void => { remove(lastWordsFile(dir)); };

export function readLastWords(dir: string): LastWords | undefined {
  try {
    return LastWordsSchema.safeParse(JSON.parse(fs.readFileSync(lastWordsFile(dir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}
