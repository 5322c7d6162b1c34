/** Asks ONNX Runtime in a process of its own. */
import type { OnnxFacts, OnnxWishes } from '../jobs/onnx-import';
import type { OnnxRequest } from '../jobs/onnx-tasks';
import type { OnnxProbe } from '../runtime/onnx-install';
import { askWorker } from './ask-worker';

/** @param dir another copy than the installed one. @throws SigdegError NO_ENGINE when it does not work */
export const probeOnnx = (dir?: string): Promise<OnnxProbe> => ask({ task: 'probe', dir }, 'a process that tried ONNX Runtime');

/** What a file is as a teacher, after a try. @throws SigdegError BAD_FILE, UNSUPPORTED, BAD_USAGE with what has to be said, NO_ENGINE */
export const inspectOnnx = (file: string, wishes: OnnxWishes): Promise<OnnxFacts> => ask({ task: 'import', file, wishes }, `a process that opened ${file}`);

const ask = <T>(request: OnnxRequest, what: string): Promise<T> => askWorker(['--onnx', JSON.stringify(request)], what);
