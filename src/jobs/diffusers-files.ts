/** How single files of a diffusers folder are read, and which never are. */
import * as fs from 'node:fs';
import { messageOf, SigdegError } from '../core/errors';

const PICKLE = /\.(bin|ckpt|pt|pth|pkl|pickle)$/i;

export const pickle = (file: string): SigdegError =>
  new SigdegError('UNSUPPORTED', `${file}: expected safetensors, found a pickle, which could run any program and is never opened: where you trust it, write it again with UNet2DModel.from_pretrained(DIR).save_pretrained(DIR, safe_serialization=True)`);

export const isPickle = (file: string): boolean => PICKLE.test(file);

/** @returns undefined where there is no such file. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SigdegError('BAD_FILE', `${file}: cannot be read (${messageOf(error)})`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SigdegError('BAD_FILE', `${file}: expected JSON: ${messageOf(error)}; get the file again`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SigdegError('BAD_FILE', `${file}: expected a JSON object; get the file again`);
  return value;
}
