import * as fs from 'node:fs';
import * as path from 'node:path';
import { readPictures, type Pictures } from '../../store/pictures';

const MOST_FILES = 64;

/** Files of pictures in memory, so that moving a slider reads nothing twice; one that was written anew is read again. */
export class PictureFiles {
  private readonly known = new Map<string, { readonly stamp: string; readonly pictures: Pictures }>();

  /** @throws SigdegError NOT_FOUND, BAD_FILE, NO_ACCESS */
  async read(dir: string, folder: string): Promise<Pictures> {
    const key = path.join(dir, folder);
    const stamp = await stampOf(path.join(key, 'pictures.safetensors'));
    const known = this.known.get(key);
    this.known.delete(key);
    const entry = known?.stamp === stamp ? known : { stamp, pictures: await readPictures(dir, folder) };
    this.known.set(key, entry);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_FILES && oldest !== undefined) this.known.delete(oldest);
    return entry.pictures;
  }
}

async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await fs.promises.stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'none';
  }
}
