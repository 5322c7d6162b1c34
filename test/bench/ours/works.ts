/** All pieces of work of ours, by the name that a case gives. */
import { openFrechet, openKid } from './distances';
import { openEventAppend, openEventShare, openEventTail, openRunsIndex, openRunsList, openSafetensors } from './files';
import { openForward } from './forward';
import { openCopy, openMatmul } from './machine';
import { openNormals, openSignature } from './numbers';
import { openDemo, openPanel, openRunsCommand } from './programs';
import { openPool, openSampling } from './sampling';
import { openTraining } from './training';
import type { OpenWork } from './work';

export const WORKS: Readonly<Record<string, OpenWork>> = {
  matmul: openMatmul,
  copy: openCopy,
  training: openTraining,
  forward: openForward,
  sampling: openSampling,
  pool: openPool,
  normals: openNormals,
  signature: openSignature,
  frechet: openFrechet,
  kid: openKid,
  safetensors: openSafetensors,
  'event-append': openEventAppend,
  'event-tail': openEventTail,
  'event-share': openEventShare,
  'runs-index': openRunsIndex,
  'runs-list': openRunsList,
  'runs-command': openRunsCommand,
  demo: openDemo,
  panel: openPanel,
};
