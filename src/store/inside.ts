import { z } from 'zod';

/** A path that a file on disk gives: relative, with slashes, and never out of the folder that it belongs to. */
export const InsidePath = z.string().refine((path) => !/^[/\\]|^[A-Za-z]:|\\|\0/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), 'a relative path inside the run');

/** A run's id, as it names its folder. */
export const RunId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a plain folder name');
