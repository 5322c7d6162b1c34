/** All pieces of work of ours, by the name that a case gives. */
import { openForward } from './forward';
import { openCopy, openMatmul } from './machine';
import { openNormals } from './numbers';
import { openTraining } from './training';
import type { OpenWork } from './work';

export const WORKS: Readonly<Record<string, OpenWork>> = {
  matmul: openMatmul,
  copy: openCopy,
  training: openTraining,
  forward: openForward,
  normals: openNormals,
};
