import { readFileSync } from 'node:fs';
import * as path from 'node:path';

export const fixturePath = (name: string): string => path.join(import.meta.dirname, 'fixtures', name);

/** A JSON file that one of the Python scripts beside this file wrote. */
export const fixture = (name: string): unknown => JSON.parse(readFileSync(fixturePath(name), 'utf8'));
