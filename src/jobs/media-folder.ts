import { existsSync } from 'node:fs';
import * as path from 'node:path';

/** A place in the program's `media`: beside the folder of the bundle, or above that of the source. */
export function mediaPath(...words: string[]): string {
  const folders = ['..', path.join('..', '..')].map((up) => path.join(__dirname, up, 'media'));
  return path.join(folders.find((folder) => existsSync(folder)) ?? folders[0]!, ...words);
}
