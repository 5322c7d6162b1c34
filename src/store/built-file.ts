import { existsSync } from 'node:fs';
import * as path from 'node:path';

/**
 * A file that the build makes, such as what a process or a thread is started with: beside this bundle in `dist`, or in the project's `dist` when this runs from
 * the sources (tests). Where it is in neither, the place beside the bundle is answered: that is the one to name.
 */
export function builtFile(name: string): string {
  const beside = path.join(__dirname, name);
  return [beside, path.join(__dirname, '..', '..', 'dist', name)].find((place) => existsSync(place)) ?? beside;
}
