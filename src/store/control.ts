import * as fs from 'node:fs';
import * as path from 'node:path';
import { remove } from '../system/files';
import { atomicWrite } from './atomic';

export const WISHES = ['stop', 'pause', 'resume'] as const;
/** What the user asks of a running job. */
export type Wish = (typeof WISHES)[number];

const controlFile = (dir: string): string => path.join(dir, 'control');

export const writeControl = (dir: string, wish: Wish): void => { atomicWrite(controlFile(dir), wish); };

export const clearControl = (dir: string): void => { remove(controlFile(dir)); };

export function readControl(dir: string): Wish | undefined {
  try {
    const text = fs.readFileSync(controlFile(dir), 'utf8').trim();
    return WISHES.find((wish) => wish === text);
  } catch {
    return undefined;
  }
}
